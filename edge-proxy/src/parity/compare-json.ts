import type { Comparator, ComparedAnswer, CompareRules, CreateComparator, Difference } from './comparator.ts';
import { compareHeads, compareJson, isIgnored } from './comparison.ts';
import { REDACTED } from './redact-text.ts';
import { Redactor } from './redact.ts';

/** Compares status, the headers that matter, and the body: JSON field by field, anything else as a whole. */
export const createComparator: CreateComparator = (rules) => {
  const comparator: Comparator = {
    compare: (old, fresh) => {
      const differences = compareHeads(old, fresh, rules);
      if (old.status !== fresh.status) return differences;
      return [...differences, ...compareBodies(old, fresh, rules)];
    },
  };
  return comparator;
};

function compareBodies(old: ComparedAnswer, fresh: ComparedAnswer, rules: CompareRules): Difference[] {
  if (old.body !== undefined && fresh.body !== undefined)
    return compareJson({ old: old.body, new: fresh.body }, 'body', rules);
  if (isIgnored('body', rules) || (old.text === fresh.text && old.digest === fresh.digest)) return [];
  if (old.text === undefined || fresh.text === undefined)
    return [{ field: 'body', old: named(old), new: named(fresh) }];
  return [{ field: 'body', ...excerpts(old.text, fresh.text) }];
}

/** So much on both sides of the first difference is searched for what nobody may see, and so much before it is shown. */
const EXCERPT = { searched: 4000, before: 60 };
const REDACTOR = new Redactor([]);

/** Redacted before they are cut, so that no half of a token is left over. */
function excerpts(old: string, fresh: string): { old: string; new: string } {
  const at = firstDifference(old, fresh);
  const [from, to] = [Math.max(0, at - EXCERPT.searched), at + EXCERPT.searched];
  const one = REDACTOR.text(old.slice(from, to));
  const other = REDACTOR.text(fresh.slice(from, to));
  if (one === other) return { old: REDACTED, new: REDACTED };
  const start = Math.max(0, firstDifference(one, other) - EXCERPT.before);
  return { old: one.slice(start), new: other.slice(start) };
}

function named({ text, digest }: ComparedAnswer): string | undefined {
  if (text !== undefined) return `text of ${text.length} characters`;
  return digest === undefined ? undefined : `sha256 ${digest}`;
}

function firstDifference(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  for (let at = 0; at < end; at++) if (one.charCodeAt(at) !== other.charCodeAt(at)) return at;
  return end;
}
