import type { z } from 'zod';
import { NO_SUCH_UPSTREAM } from './check-references.ts';
import { schemaAt } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';

type Issue = z.core.$ZodIssue;

/** What an issue says of one field, in words of people who write such files. */
type Explanation = {
  path: readonly PropertyKey[];
  rule: string;
  advice: string | null;
  /** What is wrong is the name of the field, not its value. */
  isAboutKey?: true;
};

/**
 * One for each field that an issue is about.
 *
 * @param file all values, as the issue's check saw them
 */
export function explainIssue(issue: Issue, file: unknown, schema: JsonSchema): Explanation[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
    const missing = known.filter((name) => valueAt(file, [...path, name]) === undefined);
    return issue.keys.map((key) => ({
      path: [...path, key],
      rule: 'is not a known field',
      advice: didYouMean(key, known, missing),
      isAboutKey: true,
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, rule: issue.issues[0]?.message ?? issue.message, advice: null, isAboutKey: true }];
  }
  return [{ path, rule: ruleOf(issue, file, schema), advice: adviceFor(issue, file, schema) }];
}

/** The value at a path, or undefined. */
export function valueAt(file: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, member) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, member)
        ? (parent as Record<PropertyKey, unknown>)[member]
        : undefined,
    file,
  );
}

function ruleOf({ code, path, message }: Issue, file: unknown, schema: JsonSchema): string {
  const node = schemaAt(schema, path);
  // A rule between fields may be broken by a default.
  if (valueAt(file, path) === undefined && code !== 'custom') return 'is missing';
  const isAboutTypeOrRange = code === 'invalid_type' || code === 'too_small' || code === 'too_big';
  return isAboutTypeOrRange && node?.type ? `must be ${expectation(node)}` : message;
}

function expectation({ type, minimum, maximum }: JsonSchema): string {
  const range =
    minimum === undefined ? '' : maximum === undefined ? ` from ${minimum}` : ` from ${minimum} to ${maximum}`;
  if (type === 'integer') return `a whole number${range}`;
  if (type === 'number') return `a number${range}`;
  if (type === 'array') return 'a list';
  return type === 'object' ? 'a map of fields' : 'text';
}

function adviceFor({ path, message }: Issue, file: unknown, schema: JsonSchema): string | null {
  if (message === NO_SUCH_UPSTREAM) {
    const names = Object.keys(valueAt(file, ['upstreams']) as object);
    return didYouMean(String(valueAt(file, path)), names);
  }
  const { description, default: fallback, examples } = schemaAt(schema, path) ?? {};
  const parts = [
    description,
    fallback !== undefined && `Default: ${inYaml(fallback)}.`,
    examples && `For example: ${examples.map(inYaml).join(' or ')}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' ') : null;
}

/** @param likely of the known names, those that may well be meant; the rest is there already */
function didYouMean(word: string, known: readonly string[], likely = known): string {
  const nearest = nearestName(word, likely) ?? nearestName(word, known);
  return nearest === undefined ? `Known: ${known.join(', ') || 'none'}` : `Did you mean ${nearest}?`;
}

/** As one writes it in YAML on one line: `{ claim: sub }`. */
function inYaml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${inYaml(item)}`)
    .join(', ')} }`;
}
