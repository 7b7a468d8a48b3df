export type Variables = Readonly<Record<string, string | undefined>>;

/** A `${NAME}` without a value, and the path of the text that has it. */
export type Unset = { variable: string; path: readonly (string | number)[] };

/** A text with a `${NAME}`, as it was written, and its path. */
export type Template = { text: string; path: readonly (string | number)[] };

/** `${NAME}` or `${NAME:-TEXT}`. */
const REFERENCE = /\$\{(\w+)(?::-([^}]*))?\}/g;

/** `${NAME}` replaced in every text of a value: by the variable, or by TEXT of `${NAME:-TEXT}` while it is unset or empty. */
export function fillVariables(
  value: unknown,
  variables: Variables,
): { filled: unknown; unset: Unset[]; templates: Template[] } {
  const unset: Unset[] = [];
  const templates: Template[] = [];
  return { filled: fill(value, []), unset, templates };

  function fill(part: unknown, path: readonly (string | number)[]): unknown {
    if (typeof part === 'string') return fillText(part, path);
    if (Array.isArray(part)) return part.map((item, at) => fill(item, [...path, at]));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item, [...path, key])]));
  }

  function fillText(text: string, path: readonly (string | number)[]): string {
    if (variablesIn(text).length > 0) templates.push({ text, path });
    return text.replace(REFERENCE, (whole, variable: string, fallback?: string) => {
      if (fallback !== undefined) return variables[variable] || fallback;
      if (variables[variable] === undefined) unset.push({ variable, path });
      return variables[variable] ?? whole;
    });
  }
}

/** The names in a text, each once. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].map(([, variable]) => variable!))];
}

/** Whether there are variables with which a text would be the value. */
export function canBecome(text: string, value: string): boolean {
  // Of each reference, split tells its name and its fallback.
  const literals = text.split(REFERENCE).filter((_, at) => at % 3 === 0);
  const pattern = literals.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`, 's').test(value);
}
