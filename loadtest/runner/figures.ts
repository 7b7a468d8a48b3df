import type { Answer } from '../src/answer-line.ts';

/** What some answers come to. Times in milliseconds, shares from 0 to 1; undefined where nothing was asked. */
export type Figures = {
  requests: number;
  perSecond: number;
  p50Ms: number | undefined;
  p95Ms: number | undefined;
  p99Ms: number | undefined;
  maxMs: number | undefined;
  failed: number;
  failedShare: number | undefined;
  fallbacks: number;
  people: number;
  /** Whom the coach answered. */
  peopleOnCoach: number;
  /** By `X-Served-By`, of the answers that have it. */
  coachShareOfRequests: number | undefined;
  /** People whom the coach answered, of those whom anybody did. */
  coachShareOfPeople: number | undefined;
};

export function figuresOf(answers: readonly Answer[], seconds: number): Figures {
  const durations = sortedDurations(answers);
  const served = answers.filter(({ side }) => side !== undefined);
  const byCoach = served.filter(({ side }) => side === 'coach');
  const failed = answers.filter(({ fault }) => fault !== undefined).length;
  return {
    requests: answers.length,
    perSecond: seconds > 0 ? answers.length / seconds : 0,
    p50Ms: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
    p99Ms: percentile(durations, 0.99),
    maxMs: durations.at(-1),
    failed,
    failedShare: shareOf(failed, answers.length),
    fallbacks: answers.filter(({ fallback }) => fallback !== undefined).length,
    people: peopleIn(answers),
    peopleOnCoach: peopleIn(byCoach),
    coachShareOfRequests: shareOf(byCoach.length, served.length),
    coachShareOfPeople: shareOf(peopleIn(byCoach), peopleIn(served)),
  };
}

export function sortedDurations(answers: readonly Answer[]): number[] {
  return answers.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
}

/** Linear between the two nearest ranks, as k6 has it. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (rank - Math.floor(rank));
}

/** What was wrong, the most frequent first. */
export function commonFaults(answers: readonly Answer[], limit: number): { fault: string; count: number }[] {
  const groups = Map.groupBy(
    answers.flatMap(({ fault }) => fault ?? []),
    (fault) => fault,
  );
  return [...groups]
    .map(([fault, all]) => ({ fault, count: all.length }))
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
}

function peopleIn(answers: readonly Answer[]): number {
  return new Set(answers.map(({ person }) => person)).size;
}

function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
