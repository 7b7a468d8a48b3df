import type { Side } from './split.ts';

/** What people met whom a route put on one side, over a stretch of time. */
export type SideCounts = {
  requests: number;
  /** Met an error: 5xx, or an answer that was cut. */
  failed: number;
  /** Would have met one, had the other side not answered. */
  saved: number;
  /** Requests by duration: `durations[i]` took up to `DURATION_BOUNDS_MS[i]`, the last one longer than all of them. */
  durations: readonly number[];
};

/** What a route carried over a stretch of time. */
export type RouteTraffic = {
  readonly sides: Readonly<Record<Side, SideCounts>>;
  /** Saved requests by reason, and those that could not be saved by why. */
  readonly fallbacks: Readonly<Record<string, number>>;
  readonly withheld: Readonly<Record<string, number>>;
};

/** From 1 ms to a minute, each a fifth more than the one before, so that a quantile is off by a tenth at most. */
export const DURATION_BOUNDS_MS: readonly number[] = Array.from({ length: 61 }, (_, step) => 1.2 ** step);

export function noCounts(): SideCounts {
  return { requests: 0, failed: 0, saved: 0, durations: DURATION_BOUNDS_MS.map(() => 0).concat(0) };
}

export function noTraffic(): RouteTraffic {
  return { sides: { old: noCounts(), new: noCounts() }, fallbacks: {}, withheld: {} };
}

/** Which of the `durations` a request belongs to. */
export function durationSlot(durationMs: number): number {
  if (durationMs <= 1) return 0;
  return Math.min(DURATION_BOUNDS_MS.length, Math.ceil(Math.log(durationMs) / Math.log(1.2) - 1e-9));
}

/** What several edges, or several seconds, carried together. */
export function sumOf(all: readonly RouteTraffic[]): RouteTraffic {
  return {
    sides: { old: sumOfCounts(all.map(({ sides }) => sides.old)), new: sumOfCounts(all.map(({ sides }) => sides.new)) },
    fallbacks: sumByName(all.map(({ fallbacks }) => fallbacks)),
    withheld: sumByName(all.map(({ withheld }) => withheld)),
  };
}

/**
 * The duration that a share of the requests did not exceed, interpolated within its slot.
 *
 * @param share 0–1
 * @returns milliseconds; undefined without requests
 */
export function quantileMs({ requests, durations }: SideCounts, share: number): number | undefined {
  if (requests === 0) return undefined;
  const rank = share * requests;
  let before = 0;
  for (const [slot, count] of durations.entries()) {
    if (count > 0 && before + count >= rank) {
      const upper = DURATION_BOUNDS_MS[slot] ?? DURATION_BOUNDS_MS.at(-1)!;
      const lower = DURATION_BOUNDS_MS[slot - 1] ?? 0;
      return lower + ((rank - before) / count) * Math.max(0, upper - lower);
    }
    before += count;
  }
  return DURATION_BOUNDS_MS.at(-1);
}

/** The new side's share of the requests, 0–1; undefined without requests. */
export function newShareOf({ sides }: RouteTraffic): number | undefined {
  const all = sides.old.requests + sides.new.requests;
  return all === 0 ? undefined : sides.new.requests / all;
}

function sumOfCounts(all: readonly SideCounts[]): SideCounts {
  const sum = noCounts();
  const durations = [...sum.durations];
  for (const counts of all) {
    sum.requests += counts.requests;
    sum.failed += counts.failed;
    sum.saved += counts.saved;
    for (const [slot, count] of counts.durations.entries()) durations[slot]! += count;
  }
  return { ...sum, durations };
}

function sumByName(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [name, count] of all.flatMap((each) => Object.entries(each))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
