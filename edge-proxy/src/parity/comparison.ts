import type { ComparedAnswer, CompareRules, Difference } from './comparator.ts';

/** What comparators are made of. */

/** Differences of one pair of answers; further ones say nothing new. */
const MOST_DIFFERENCES = 100;

/** Status, and the headers that the rules name. */
export function compareHeads(old: ComparedAnswer, fresh: ComparedAnswer, { headers }: CompareRules): Difference[] {
  const differences: Difference[] = [];
  if (old.status !== fresh.status)
    differences.push({ field: 'status', old: String(old.status), new: String(fresh.status) });
  for (const name of headers.map((each) => each.toLowerCase())) {
    const values = { old: old.headers[name]?.trim(), new: fresh.headers[name]?.trim() };
    if (values.old !== values.new) differences.push({ field: `header ${name}`, ...values });
  }
  return differences;
}

/**
 * Two JSON values, field by field. Lists are compared place by place, and the names of what they hold have no numbers.
 *
 * @param field what the values are called
 */
export function compareJson(values: { old: unknown; new: unknown }, field: string, rules: CompareRules): Difference[] {
  const differences: Difference[] = [];
  walk(values, field, { rules, differences });
  return differences;
}

/** Whether a rule says that a field, or one above it, may differ. */
export function isIgnored(field: string, { ignore }: CompareRules): boolean {
  return ignore.some(
    (rule) => field.startsWith(rule) && (field.length === rule.length || '.['.includes(field[rule.length]!)),
  );
}

type Walk = { rules: CompareRules; differences: Difference[] };
type Values = { old: unknown; new: unknown };

function walk(values: Values, field: string, at: Walk): void {
  if (at.differences.length >= MOST_DIFFERENCES || isIgnored(field, at.rules)) return;
  if (Array.isArray(values.old) && Array.isArray(values.new)) return walkList(values.old, values.new, field, at);
  if (isObject(values.old) && isObject(values.new)) return walkObject(values.old, values.new, field, at);
  if (values.old === values.new || isTolerated(values, field, at.rules)) return;
  at.differences.push({ field, old: shown(values.old), new: shown(values.new) });
}

function walkList(old: readonly unknown[], fresh: readonly unknown[], field: string, at: Walk): void {
  if (old.length !== fresh.length) at.differences.push({ field, old: shown(old), new: shown(fresh) });
  for (let place = 0; place < Math.min(old.length, fresh.length); place++)
    walk({ old: old[place], new: fresh[place] }, `${field}[]`, at);
}

function walkObject(old: object, fresh: object, field: string, at: Walk): void {
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)]))
    walk({ old: member(old, name), new: member(fresh, name) }, `${field}.${name}`, at);
}

function member(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

function isTolerated({ old, new: fresh }: Values, field: string, { tolerance }: CompareRules): boolean {
  if (typeof old !== 'number' || typeof fresh !== 'number' || !Object.hasOwn(tolerance, field)) return false;
  return Math.abs(old - fresh) <= tolerance[field]!;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects and lists by their size alone: what they hold has fields of its own, with rules of its own for what is shown. */
function shown(value: unknown): string | undefined {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return `an object of ${Object.keys(value).length} members`;
  return value === undefined ? undefined : JSON.stringify(value);
}
