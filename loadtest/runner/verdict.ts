import type { ScenarioName } from '../src/scenarios.ts';
import { emailOf } from './people.ts';
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
  if (scenario === 'objective') return objectiveVerdict(phases);
  const missed = phases.flatMap(missedThresholds);
  const moved = scenario === 'rollout' ? phases.flatMap((phase) => needlessChanges(phase.answers, phase.changes)) : [];
  const passed = missed.length === 0 && moved.length === 0;
  return {
    passed,
    lines: [
      `${scenario} ${passed ? 'passed' : 'failed'}.`,
      ...missed.map((threshold) => `Missed: ${threshold}`),
      ...(scenario === 'rollout' ? sideLines(moved) : []),
    ],
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

function missedThresholds({ thresholds }: Phase): string[] {
  return thresholds.filter(({ isMet }) => !isMet).map(({ metric, rule }) => `${metric} ${rule}`);
}

function sideLines(moved: readonly NeedlessChange[]): string[] {
  if (moved.length === 0) return ['Nobody changed sides without need.'];
  const more = moved.length - NAMED_CHANGES;
  return [
    `${moved.length} ${moved.length === 1 ? 'person' : 'people'} changed sides without need:`,
    ...moved.slice(0, NAMED_CHANGES).map((change) => `  ${describeChange(change)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

function describeChange({ person, legacy, coach }: NeedlessChange): string {
  const seen = [legacy, coach].filter((sighting) => sighting !== undefined).sort((a, b) => a.at - b.at);
  return `number ${person + 1} (${emailOf(person)}): ${seen.map(describeSighting).join(', then ')}`;
}

function describeSighting({ side, lowest, highest, at }: Sighting): string {
  const weight = lowest === highest ? `${lowest}` : `${lowest} or ${highest}`;
  return `on ${side} at weight ${weight} (${new Date(at).toISOString().slice(11, 23)})`;
}
