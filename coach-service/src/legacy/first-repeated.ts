/** The position of the first value that occurred before. */
export function firstRepeated(values: readonly number[]): number | undefined {
  const seen = new Set<number>();
  const at = values.findIndex((value) => seen.size === seen.add(value).size);
  return at === -1 ? undefined : at;
}
