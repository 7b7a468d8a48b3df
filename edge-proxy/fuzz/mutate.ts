import type { Random } from './random.ts';

/** Changes to a message's bytes, none of which knows what they mean. Text is latin1. */
type Mutation = (random: Random, text: string) => string;

/** What parsers disagree about when it stands where it should not. */
const DISPUTED = [
  '\0', '\r', '\n', '\r\n', '\r\r\n', '\n\n', '\t', ' ', '  ', '\x0b', '\x0c', '\x1f', '\x7f', '\x80', '\xa0', '\xff',
  ':', ' :', ',', ';', '"', '#', '%', '%00', '%0d%0a', '..', '//', '0', '1', '-', '+', '0x', '_', '\r\n ', '\r\n\t',
  '\r\n\r\n', '\n\r\n', '\r\n\n', 'chunked', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', '9'.repeat(20), 'f'.repeat(17),
  'x'.repeat(9000),
]; // prettier-ignore

const MUTATIONS: readonly (readonly [weight: number, Mutation])[] = [
  [6, (random, text) => insertAt(text, placeIn(random, text), random.pick(DISPUTED))],
  [3, (random, text) => insertAt(text, placeIn(random, text), String.fromCharCode(random.int(256)))],
  [3, (random, text) => replaceAt(text, placeIn(random, text), 1, String.fromCharCode(random.int(256)))],
  [3, (random, text) => replaceAt(text, placeIn(random, text), 1, random.pick(DISPUTED))],
  [3, (random, text) => replaceAt(text, placeIn(random, text), 1 + random.int(4), '')],
  [1, (random, text) => replaceAt(text, placeIn(random, text), 1 + random.int(200), '')],
  [2, duplicateRange],
  [4, (random, text) => onLines(text, (lines) => lines.splice(lineIn(random, lines), 0, random.pick(lines)))],
  [3, (random, text) => onLines(text, (lines) => lines.splice(lineIn(random, lines), 1))],
  [3, (random, text) => onLines(text, (lines) => swap(lines, lineIn(random, lines), lineIn(random, lines)))],
  [4, (random, text) => replaceOneLineEnd(random, text, random.pick(['\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\0\r\n', ' \r\n', '']))],
  [2, (random, text) => (random.chance(0.5) ? text.replaceAll('\r\n', '\n') : text.replaceAll(': ', random.pick([':', ' : ', ':\t', ':\x0b'])))],
  [2, (random, text) => text.slice(0, random.int(text.length + 1))],
  [2, changeADigit],
  [1, changeCase],
]; // prettier-ignore

export function mutate(random: Random, text: string, times: number): string {
  let mutated = text;
  for (let time = 0; time < times; time++) mutated = random.weighted(MUTATIONS)(random, mutated);
  return mutated;
}

/** Heads decide more than bodies, so most changes happen there. */
function placeIn(random: Random, text: string): number {
  const headEnd = text.indexOf('\r\n\r\n');
  const within = headEnd > 0 && random.chance(0.7) ? headEnd + 6 : text.length;
  return random.int(Math.min(within, text.length) + 1);
}

function insertAt(text: string, at: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at);
}

function replaceAt(text: string, at: number, length: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at + length);
}

function duplicateRange(random: Random, text: string): string {
  const from = placeIn(random, text);
  const range = text.slice(from, from + 1 + random.int(random.pick([4, 40, 400])));
  return insertAt(text, random.chance(0.6) ? from : placeIn(random, text), range);
}

function onLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split('\r\n');
  change(lines);
  return lines.join('\r\n');
}

function lineIn(random: Random, lines: readonly string[]): number {
  const headLines = lines.indexOf('');
  return random.int(headLines > 0 && random.chance(0.7) ? headLines + 1 : lines.length);
}

function swap(lines: string[], one: number, other: number): void {
  [lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? ''];
}

function replaceOneLineEnd(random: Random, text: string, end: string): string {
  const lines = text.split('\r\n');
  if (lines.length < 2) return text;
  const at = Math.min(lineIn(random, lines), lines.length - 2);
  return lines.slice(0, at + 1).join('\r\n') + end + lines.slice(at + 1).join('\r\n');
}

function changeADigit(random: Random, text: string): string {
  const digits = [...text.slice(0, 600).matchAll(/\d/g)];
  if (digits.length === 0) return text;
  return replaceAt(text, random.pick(digits).index, 1, String(random.int(10)));
}

function changeCase(random: Random, text: string): string {
  const at = placeIn(random, text);
  const range = text.slice(at, at + 12);
  // ASCII alone: the capital of a byte above it may be no byte.
  const changed = random.chance(0.5)
    ? range.replace(/[a-z]/g, (letter) => letter.toUpperCase())
    : range.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return replaceAt(text, at, range.length, changed);
}
