import { SIDES } from '../../src/answer-line.ts';
import type { Answer, Side } from '../../src/answer-line.ts';
import { percentile, sortedDurations } from '../figures.ts';
import type { Phase } from '../phases.ts';
import type { WeightChange } from '../route-weight.ts';

type Values = (number | null)[];

/** One side over time; percentiles in milliseconds, null where it answered nobody. */
export type SideSeries = { p50: Values; p95: Values; p99: Values; perSecond: Values };

/** A phase over time, by when people asked. */
export type Series = {
  title: string;
  /** Seconds since the first question, the start of each bucket. */
  seconds: number[];
  sides: Record<Side, SideSeries>;
  failedPerSecond: Values;
  /** Percent; null where it is not known. */
  weight: Values;
  /** Percent of the answers that the coach gave. */
  coachShare: Values;
};

/** So many points are enough for a chart, and few enough for percentiles that mean something. */
const MAX_BUCKETS = 90;

export function seriesOf({ name, answers, changes }: Phase): Series {
  const start = answers[0]?.askedAt ?? 0;
  const lastSecond = ((answers.at(-1)?.askedAt ?? start) - start) / 1000;
  const bucketSeconds = Math.max(1, Math.ceil((lastSecond + 1) / MAX_BUCKETS));
  const count = Math.floor(lastSecond / bucketSeconds) + 1;
  const buckets: Answer[][] = Array.from({ length: count }, () => []);
  for (const answer of answers) buckets[Math.floor((answer.askedAt - start) / 1000 / bucketSeconds)]?.push(answer);
  const seconds = buckets.map((_, index) => index * bucketSeconds);
  const rate = (some: readonly Answer[]) => some.length / bucketSeconds;
  return {
    title: name,
    seconds,
    sides: Object.fromEntries(SIDES.map((side) => [side, sideSeries(side, buckets, rate)])) as Series['sides'],
    failedPerSecond: buckets.map((bucket) => rate(bucket.filter(({ fault }) => fault !== undefined))),
    weight: seconds.map((second) => weightAt(start + second * 1000, changes)),
    coachShare: buckets.map(coachPercent),
  };
}

function sideSeries(side: Side, buckets: readonly Answer[][], rate: (some: readonly Answer[]) => number): SideSeries {
  const own = buckets.map((bucket) => bucket.filter((answer) => answer.side === side));
  const durations = own.map(sortedDurations);
  const at = (share: number) => durations.map((sorted) => percentile(sorted, share) ?? null);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), perSecond: own.map(rate) };
}

function weightAt(time: number, changes: readonly WeightChange[]): number | null {
  return changes.findLast(({ answeredAt }) => answeredAt <= time)?.weight ?? null;
}

function coachPercent(bucket: readonly Answer[]): number | null {
  const served = bucket.filter(({ side }) => side !== undefined);
  if (served.length === 0) return null;
  return (100 * served.filter(({ side }) => side === 'coach').length) / served.length;
}
