const GOLDEN_RATIO = 0x9e3779b1;

/**
 * All of several lists, none twice, in the order in which they come. By a table of its own with open addressing: a Set of
 * numbers above 2³¹ takes ten times as long, and this runs twice a second for every route.
 *
 * @param lists of 32-bit hashes, none twice within a list
 */
export function mergeHashes(lists: readonly (readonly number[])[]): readonly number[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  const all = filled.reduce((sum, { length }) => sum + length, 0);
  const bits = Math.ceil(Math.log2(all)) + 1;
  const mask = 2 ** bits - 1;
  /** Of each hash, one more than where it stands in `merged`; 0: free. At most half of it is taken. */
  const places = new Uint32Array(2 ** bits);
  const merged: number[] = [];
  for (const list of filled) {
    for (const hash of list) {
      let at = Math.imul(hash, GOLDEN_RATIO) >>> (32 - bits);
      while (places[at] !== 0 && merged[places[at]! - 1] !== hash) at = (at + 1) & mask;
      if (places[at] === 0) places[at] = merged.push(hash);
    }
  }
  return merged;
}
