import type { Answer } from '../src/answer-line.ts';
import { SCENARIOS } from '../src/scenarios.ts';
import type { Load, ScenarioName } from '../src/scenarios.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import type { Phase } from './phases.ts';

/** One column of the table: a weight, a step, a quarter. */
export type Column = { title: string; weight: number | undefined; figures: Figures };

/** How a scenario is looked at: objective by its phases, rollout by weight, the others by their parts. */
export function columnsOf(scenario: ScenarioName, load: Load, phases: readonly Phase[]): Column[] {
  if (scenario === 'rollout') return phases.flatMap(columnsByWeight);
  const parts = SCENARIOS[scenario].parts(load);
  return phases.flatMap((phase) => {
    const weight = phase.changes[0]?.weight;
    if (parts.length === 0) {
      return [{ title: phase.name, weight, figures: figuresOf(phase.answers, askingSeconds(phase.answers)) }];
    }
    const start = phase.answers[0]?.askedAt ?? phase.startedAt;
    return parts.map(({ name, fromSeconds, toSeconds }) => ({
      title: name,
      weight,
      figures: figuresBetween(phase.answers, start + fromSeconds * 1000, start + toSeconds * 1000),
    }));
  });
}

/** What was asked while one weight was surely in force. */
export function columnsByWeight({ answers, changes, endedAt }: Phase): Column[] {
  const firstAskedAt = answers[0]?.askedAt ?? endedAt;
  const lastAskedAt = answers.at(-1)?.askedAt ?? endedAt;
  return changes.map(({ weight, answeredAt }, index) => {
    const isBack = changes.findIndex((change) => change.weight === weight) < index;
    const from = Math.max(answeredAt, firstAskedAt);
    const to = changes[index + 1]?.askedAt ?? lastAskedAt + 1;
    return { title: `${weight} %${isBack ? ' again' : ''}`, weight, figures: figuresBetween(answers, from, to) };
  });
}

function figuresBetween(answers: readonly Answer[], from: number, to: number): Figures {
  const within = answers.filter(({ askedAt }) => askedAt >= from && askedAt < to);
  return figuresOf(within, (to - from) / 1000);
}

/** From the first question to the last answer. */
function askingSeconds(answers: readonly Answer[]): number {
  const first = answers[0]?.askedAt ?? 0;
  const end = answers.reduce((latest, { askedAt, elapsedMs }) => Math.max(latest, askedAt + elapsedMs), first);
  return (end - first) / 1000;
}
