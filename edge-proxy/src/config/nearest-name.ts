/** More slips than this, or than a third of the word, and it was meant to be something else. */
const MOST_SLIPS = 3;

/**
 * The name that somebody most likely meant, if any: upper case, dashes and underscores do not count, and a few letters
 * may be missing, wrong, too many, or swapped with their neighbour.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const wanted = folded(word);
  const ranked = names
    .map((name) => ({ name, slips: slipsBetween(wanted, folded(name)) }))
    .filter(({ name, slips }) => slips <= Math.min(MOST_SLIPS, Math.max(word.length, name.length) / 3))
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.name;
}

function folded(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

/** Optimal string alignment: row by row, each cell from the three before it, or from two back if letters are swapped. */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    const above = rows[i - 1]!;
    for (let j = 1; j <= b.length; j += 1) {
      const wrong = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(row[j - 1]! + 1, above[j]! + 1, wrong, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
