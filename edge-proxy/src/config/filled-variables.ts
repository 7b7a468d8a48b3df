export type Variables = Readonly<Record<string, string | undefined>>;

/** A `${NAME}` without a value, and the path of the text that has it. */
export type Unset = { variable: string; path: readonly (string | number)[] };

/** `${NAME}` replaced in every text of a value: by the variable, or by TEXT of `${NAME:-TEXT}` while it is unset or empty. */
export function fillVariables(value: unknown, variables: Variables): { filled: unknown; unset: Unset[] } {
  const unset: Unset[] = [];
  return { filled: fill(value, []), unset };

  function fill(part: unknown, path: readonly (string | number)[]): unknown {
    if (typeof part === 'string') return fillText(part, path);
    if (Array.isArray(part)) return part.map((item, at) => fill(item, [...path, at]));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item, [...path, key])]));
  }

  function fillText(text: string, path: readonly (string | number)[]): string {
    return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, variable: string, fallback?: string) => {
      if (fallback !== undefined) return variables[variable] || fallback;
      if (variables[variable] === undefined) unset.push({ variable, path });
      return variables[variable] ?? whole;
    });
  }
}
