/** A whole number drawn uniformly from [0, bound). */
export type RandomInt = (bound: number) => number;

export type Draw = {
  /** Positions are 0 … total − 1. */
  total: number;
  /** Positions that may not be drawn, each once. */
  excluded: readonly number[];
  /** At most `total − excluded.length`. */
  count: number;
  random: RandomInt;
};

/**
 * Draws positions uniformly without replacement, every order equally likely.
 *
 * A partial Fisher–Yates shuffle (Knuth, TAOCP vol. 2, 3.4.2, algorithm P, stopped after `count` steps) on an array that
 * exists only where it differs from 0, 1, 2, …: the time depends on what is excluded and drawn, not on `total`.
 *
 *     total 8, excluded 6 and 2:   0 1 2 3 4 5 6 7  →  0 1 2 3 4 5 7  →  0 1 7 3 4 5
 *     a draw takes any slot, the last one moves into the gap
 */
export function drawPositions({ total, excluded, count, random }: Draw): number[] {
  const available = total - excluded.length;
  if (count > available) throw new RangeError(`cannot draw ${count} of ${available}`);
  const moved = new Map<number, number>();
  let size = total;
  const take = (slot: number): number => {
    const taken = moved.get(slot) ?? slot;
    size--;
    moved.set(slot, moved.get(size) ?? size);
    return taken;
  };
  // From the last to the first, so that each still stands in its own slot.
  excluded.toSorted((a, b) => b - a).forEach(take);
  return Array.from({ length: count }, () => take(random(size)));
}
