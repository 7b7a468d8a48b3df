/** A figure of several rounds: the middle one, and how far apart the rounds were. */
export type Figure = {
  median: number;
  min: number;
  max: number;
  /** max − min, in percent of the median. */ spreadPercent: number;
};

/** @throws RangeError without a value */
export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0) throw new RangeError('a figure needs at least one value, received none');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  const [min, max] = [at(0), at(sorted.length - 1)];
  return { median, min, max, spreadPercent: median === 0 ? 0 : ((max - min) / median) * 100 };
}

/** By nearest rank, of values in any order; `share` is 0 to 1. NaN without a value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The list from `by` on, then what was before: each takes every place once in as many rounds as there are. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const cut = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(cut), ...list.slice(0, cut)];
}

/** From one figure to another, in percent. */
export function changePercent(from: number, to: number): number {
  return (to / from - 1) * 100;
}
