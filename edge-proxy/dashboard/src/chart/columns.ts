import type { SideTraffic, Traffic } from '@fit/edge-proxy/admin-api/schemas';

/** How far back the charts go. */
export const HISTORY_SECONDS = 600;
/** Samples come once a second; from here on there is a hole, and no line is drawn over it. */
const HOLE_SECONDS = 3;

/** One line's values, as many as there are times; null where there is nothing to draw. */
export type Values = readonly (number | null)[];

export type WeightMark = { seconds: number; label: string };

/** Samples with another one behind them, of the last ten minutes, each moment once. */
export function withSample(samples: readonly Traffic[], next: Traffic): readonly Traffic[] {
  const last = samples.at(-1);
  if (last && Date.parse(next.at) <= Date.parse(last.at)) return samples;
  const oldest = Date.parse(next.at) - HISTORY_SECONDS * 1000;
  return [...samples.filter(({ at }) => Date.parse(at) >= oldest), next];
}

/** The times of samples in seconds since the epoch, and where holes between them are. */
export function timesOf(samples: readonly Traffic[]): { times: number[]; holes: ReadonlySet<number> } {
  const times: number[] = [];
  const holes = new Set<number>();
  for (const { at } of samples) {
    const seconds = Date.parse(at) / 1000;
    const before = times.at(-1);
    if (before !== undefined && seconds - before > HOLE_SECONDS) {
      holes.add(times.length);
      times.push(before + 1);
    }
    times.push(seconds);
  }
  return { times, holes };
}

/** A value for each time, and null in the holes. */
export function valuesOf(
  samples: readonly Traffic[],
  holes: ReadonlySet<number>,
  valueOf: (sample: Traffic) => number | null,
): Values {
  const values: (number | null)[] = [];
  for (const sample of samples) {
    if (holes.has(values.length)) values.push(null);
    values.push(valueOf(sample));
  }
  return values;
}

export function requestsPerSecond(side: SideTraffic, { window_seconds }: Traffic): number {
  return side.requests / window_seconds;
}

/** Percent of requests; null without any. */
export function percentOf(part: number, { requests }: SideTraffic): number | null {
  return requests === 0 ? null : (100 * part) / requests;
}

/** Where the weight changed within the samples. */
export function weightMarks(samples: readonly Traffic[]): WeightMark[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    if (!before || before.weight === sample.weight) return [];
    return [{ seconds: Date.parse(sample.at) / 1000, label: `${before.weight} → ${sample.weight} %` }];
  });
}

/**
 * Counts by reason over all samples. Each looks back over its window, so only samples that do not overlap are added up.
 */
export function totalByReason(
  samples: readonly Traffic[],
  countsOf: (sample: Traffic) => Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  let before = Infinity;
  for (const sample of samples.toReversed()) {
    const at = Date.parse(sample.at);
    // Samples are taken by a timer, a little early or late.
    if (before - at < sample.window_seconds * 1000 - 500) continue;
    before = at;
    for (const [reason, count] of Object.entries(countsOf(sample))) {
      totals.set(reason, (totals.get(reason) ?? 0) + count);
    }
  }
  return totals;
}

/** A round number at or above a value, for the end of an axis: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= value * (1 - 1e-9))!;
}
