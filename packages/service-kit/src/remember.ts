/**
 * A pure function of a string that remembers what it said, up to `max` (at least 1) different arguments; then it forgets
 * all and begins anew, so that callers who make arguments up cost time, never memory.
 */
export function remember<Result>(compute: (argument: string) => Result, max: number): (argument: string) => Result {
  const known = new Map<string, { result: Result }>();
  return (argument) => {
    const found = known.get(argument);
    if (found) return found.result;
    if (known.size >= max) known.clear();
    const result = compute(argument);
    known.set(argument, { result });
    return result;
  };
}
