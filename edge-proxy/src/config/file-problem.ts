/** One thing that is wrong with a file that a person wrote. */
export type FileProblem = {
  /** From 1; null where it is nowhere in the file. */
  line: number | null;
  column: number | null;
  /** Its path, such as `routes.0.name`; empty for the whole file. */
  field: string;
  /** What the field breaks. */
  rule: string;
  /** What was received, as JSON; null where nothing was. */
  value: string | null;
  /** What would be right. */
  advice: string | null;
};

const LONGEST_VALUE = 120;

/** `FILE:LINE:COLUMN: FIELD: RULE, received VALUE`, and the advice on a line of its own. */
export function problemText(file: string, { line, column, field, rule, value, advice }: FileProblem): string {
  const where = [file, line, column].filter((part) => part !== null).join(':');
  const received = value === null ? '' : `, received ${value}`;
  return `${where}: ${field && `${field}: `}${rule}${received}${advice === null ? '' : `\n    ${advice}`}`;
}

/** A value as a problem shows it: short, and without the passwords that URLs may have. */
export function shownValue(value: unknown): string | null {
  if (value === undefined) return null;
  const json = JSON.stringify(value);
  if (/:\/\/.*@/.test(json)) return 'a URL with credentials';
  return json.length > LONGEST_VALUE ? `${json.slice(0, LONGEST_VALUE)}…` : json;
}
