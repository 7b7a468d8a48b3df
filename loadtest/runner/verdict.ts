import { ROLLOUT_WEIGHTS } from '../src/scenarios.ts';
import type { ScenarioName } from '../src/scenarios.ts';
import { columnsByWeight } from './columns.ts';
import type { Column } from './columns.ts';
import { countPeople, emailOf } from './people.ts';
import type { Phase } from './phases.ts';
import { needlessChanges } from './side-changes.ts';
import type { NeedlessChange, Sighting } from './side-changes.ts';

export type Verdict = {
  passed: boolean;
  /** In words, the most important first. */
  lines: string[];
};

/** The weight at which the objective must be met; at the others it is expected to be missed, and that is no failure. */
const DECIDING_WEIGHT = 100;
const NAMED_CHANGES = 5;

/** Whether a scenario passed, and why. Thresholds are k6's word; sides are the runner's. */
export function verdictOf(scenario: ScenarioName, phases: readonly Phase[]): Verdict {
  if (phases.some(({ answers }) => answers.length === 0))
    return { passed: false, lines: ['Not one request was made.'] };
  const { passed, lines } = scenario === 'objective' ? objectiveVerdict(phases) : plainVerdict(scenario, phases);
  return { passed, lines: [...lines, ...fallbackLines(phases)] };
}

function plainVerdict(scenario: ScenarioName, phases: readonly Phase[]): Verdict {
  const missed = phases.flatMap(missedThresholds).map((threshold) => `Missed: ${threshold}`);
  const rollouts = scenario === 'rollout' ? phases.map(rolloutVerdict) : [];
  const passed = missed.length === 0 && rollouts.every((rollout) => rollout.passed);
  return {
    passed,
    lines: [`${scenario} ${passed ? 'passed' : 'failed'}.`, ...missed, ...rollouts.flatMap(({ lines }) => lines)],
  };
}

/** One word for a column of the objective. */
export function objectiveWord(phase: Phase): string {
  const isMet = missedThresholds(phase).length === 0;
  if (phase.changes[0]?.weight === DECIDING_WEIGHT) return isMet ? 'met' : 'missed';
  return isMet ? 'met (expected to miss)' : 'missed, as expected';
}

function objectiveVerdict(phases: readonly Phase[]): Verdict {
  const deciding = phases.find(({ changes }) => changes[0]?.weight === DECIDING_WEIGHT);
  const passed = deciding !== undefined && missedThresholds(deciding).length === 0;
  return {
    passed,
    lines: [
      `objective ${passed ? 'met' : 'missed'} at weight ${DECIDING_WEIGHT}, which alone decides.`,
      ...phases.map((phase) => {
        const missed = missedThresholds(phase);
        return `${phase.name}: ${objectiveWord(phase)}${missed.length > 0 ? ` – ${missed.join('; ')}` : ''}`;
      }),
    ],
  };
}

function rolloutVerdict(phase: Phase): Verdict {
  const columns = columnsByWeight(phase);
  const gaps = gapsIn(columns);
  const moved = needlessChanges(phase.answers, phase.changes);
  return {
    passed: gaps.length === 0 && moved.length === 0,
    lines: [...gaps, ...sideLines(moved), ...missingOnCoach(columns)],
  };
}

/** A rollout that did not go all the way and back has shown nothing. */
function gapsIn(columns: readonly Column[]): string[] {
  const inForce = columns.map(({ weight }) => weight).join(' → ');
  const wanted = ROLLOUT_WEIGHTS.join(' → ');
  return [
    ...(inForce === wanted ? [] : [`Not every weight was in force: ${inForce} instead of ${wanted}`]),
    ...columns.filter(({ figures }) => figures.requests === 0).map(({ title }) => `Not one request at ${title}`),
  ];
}

function missingOnCoach(columns: readonly Column[]): string[] {
  const { people = 0, peopleOnCoach = 0 } = columns.find(({ weight }) => weight === 100)?.figures ?? {};
  const missing = people - peopleOnCoach;
  return missing === 0 ? [] : [`At 100 % the coach did not serve ${missing} of ${countPeople(people)}.`];
}

function fallbackLines(phases: readonly Phase[]): string[] {
  const count = phases.flatMap(({ answers }) => answers).filter(({ fallback }) => fallback !== undefined).length;
  if (count === 0) return [];
  const what = count === 1 ? '1 answer was a fallback' : `${count} answers were fallbacks`;
  return [`${what}: the coach failed and the monolith stood in.`];
}

function missedThresholds({ thresholds }: Phase): string[] {
  return thresholds.filter(({ isMet }) => !isMet).map(({ metric, rule }) => `${metric} ${rule}`);
}

function sideLines(moved: readonly NeedlessChange[]): string[] {
  if (moved.length === 0) return ['Nobody changed sides without need.'];
  const more = moved.length - NAMED_CHANGES;
  return [
    `${countPeople(moved.length)} changed sides without need:`,
    ...moved.slice(0, NAMED_CHANGES).map((change) => `  ${describeChange(change)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

function describeChange({ person, legacy, coach }: NeedlessChange): string {
  const seen = [legacy, coach].filter((sighting) => sighting !== undefined).sort((a, b) => a.at - b.at);
  return `number ${person + 1} (${emailOf(person)}): ${seen.map(describeSighting).join(', then ')}`;
}

function describeSighting({ side, lowest, highest, at }: Sighting): string {
  const weight = lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
  return `on ${side} at weight ${weight} (${new Date(at).toISOString().slice(11, 23)})`;
}
