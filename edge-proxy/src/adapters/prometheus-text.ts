import { isSelected, parseLabels } from '../domain/counter-selector.ts';
import type { CounterSelector, Labels } from '../domain/counter-selector.ts';

const NO_LABELS: Labels = new Map();
/** A counter's value, and when it was so. */
const SAMPLE = /^[ \t]+(\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:[ \t]+-?\d+)?[ \t\r]*$/;

/**
 * The sum of the counters that a selector means, in the text format of Prometheus (0.0.4).
 *
 * @returns undefined if there are none (whoever counts had better begin with a 0), if one of them cannot be read, or if the
 *   text is not whole: what is not known is no 0
 */
export function sumOf(text: string, selector: CounterSelector): number | undefined {
  if (!text.endsWith('\n')) return undefined;
  let sum: number | undefined;
  for (const at of positionsOf(text, selector.name)) {
    const sample = parseSample(text.slice(at + selector.name.length, text.indexOf('\n', at)));
    if (!sample) return undefined;
    if (isSelected(selector, sample.labels)) sum = (sum ?? 0) + sample.value;
  }
  return sum;
}

/** Where lines of the metric begin; a text of megabytes is not taken apart for the few lines that count. */
function* positionsOf(text: string, name: string): Generator<number> {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if ('{ \t'.includes(text[at + name.length]!) && isFirstInLine(text, at)) yield at;
  }
}

function isFirstInLine(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || text[before] === '\n';
}

/** What stands after the name. */
function parseSample(rest: string): { labels: Labels; value: number } | undefined {
  const brace = /^[ \t]*\{/.exec(rest)?.[0].length;
  const parsed = brace === undefined ? { labels: NO_LABELS, end: 0 } : parseLabels(rest, brace - 1);
  if (!parsed) return undefined;
  // A value may follow a brace at once.
  const sample = SAMPLE.exec(`${brace === undefined ? '' : ' '}${rest.slice(parsed.end)}`);
  const value = Number(sample?.[1] ?? NaN);
  return Number.isFinite(value) ? { labels: parsed.labels, value } : undefined;
}
