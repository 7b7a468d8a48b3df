import type { Random } from './random.ts';

const SIZES = [0, 1, 5, 16, 100, 1000, 5000] as const;

/** A body that names its sender, and may hold what a confused parser would take for a message of its own. */
export function bodyText(random: Random, token: string, hidden: string): string {
  const size = random.pick(SIZES);
  const padding = 'abcdefghijklmnop'.repeat(Math.ceil(size / 16)).slice(0, size);
  return `${token};${random.chance(0.5) ? `\r\n${hidden}` : ''}${padding}`;
}

/** A chunked coding of a text: sizes, cases, extensions and trailers as the grammar allows. */
export function chunked(random: Random, text: string): string {
  let coded = '';
  for (let at = 0; at < text.length;) {
    const size = Math.min(1 + random.int(random.pick([3, 30, 3000])), text.length - at);
    coded += `${chunkSize(random, size)}\r\n${text.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${coded}${random.pick(['0', '0', '0', '000'])}\r\n${random.pick(['', '', '', 'X-Trailer: t\r\n', 'Host: trailer\r\n', 'Content-Length: 5\r\n'])}\r\n`;
}

function chunkSize(random: Random, size: number): string {
  const hex = random.chance(0.5) ? size.toString(16) : size.toString(16).toUpperCase();
  return `${random.pick(['', '', '', '0', '000'])}${hex}${random.pick(['', '', '', '', ';a', ';a=b', ';a="b c"'])}`;
}

const CHUNK_FAULTS: readonly ((random: Random, line: string) => string)[] = [
  (_random, line) => `0x${line}`,
  (_random, line) => `+${line}`,
  (_random, line) => `-${line}`,
  (_random, line) => `${line} `,
  (_random, line) => ` ${line}`,
  (_random, line) => `${line}\t`,
  (_random, line) => `${line};a=b\n`,
  (_random, line) => `${line};\r`,
  (_random, line) => `${line}\0`,
  (_random, line) => `${line},${line}`,
  (_random, line) => `${line}g`,
  () => '',
  () => 'ffffffffffffffff',
  () => '10000000000000000',
  () => '7fffffff',
  (random, line) => (Number.parseInt(line, 16) + random.pick([-1, 1, 2, 16])).toString(16),
];

/** A chunked body with one of its lines of sizes, or the end of a chunk, wrong. */
export function brokenChunks(random: Random, coded: string): string {
  const lines = coded.split('\r\n');
  if (random.chance(0.2)) return coded.replace('\r\n', random.pick(['\n', '\r', '\r\r\n', '\n\r\n', '']));
  if (random.chance(0.2))
    return coded.replace(/0\r\n\r\n$/, random.pick(['', '0\r\n', '0\n\n', '0\r\n\n', '00', '0\r\nX: y\n\r\n']));
  const at = 2 * random.int(Math.max(1, Math.floor(lines.length / 2)));
  lines[at] = random.pick(CHUNK_FAULTS)(random, lines[at] ?? '');
  return lines.join('\r\n');
}
