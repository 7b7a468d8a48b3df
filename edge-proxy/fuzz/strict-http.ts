/**
 * HTTP/1.1 messages read to the letter of RFC 9112, as an oracle: what it refuses no intermediary may pass on as if it were
 * sound. Bytes are text in latin1 throughout. It serves the fuzzer alone; the edge's parser is llhttp.
 */
export type Field = readonly [name: string, value: string];
export type Bad = { kind: 'bad'; why: string };
export type Partial = { kind: 'partial' };
export type Head = { kind: 'whole'; startLine: string; fields: readonly Field[]; end: number };
export type Framing = { kind: 'none' } | { kind: 'length'; length: number } | { kind: 'chunked' };
/** `content` is what was decoded so far; `end` counts only if it is whole. */
export type Body = { kind: 'whole' | 'partial' | 'bad'; content: string; end: number; why?: string };

const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
/** Up to 64 bits, as llhttp takes them: such a chunk never ends here. */
const CHUNK_LINE = /^(0*[0-9a-fA-F]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;
/** Lengths have 64 bits, here and in llhttp; nothing of such a length ever ends. */
const MOST_BYTES = 2n ** 64n - 1n;
const HEAD_END = '\r\n\r\n';

export const bad = (why: string): Bad => ({ kind: 'bad', why });

/** From the first byte of a start line to the empty line after the fields. Empty lines before it are skipped (section 2.2). */
export function readHead(text: string, from: number): Head | Partial | Bad {
  let start = from;
  while (text[start] === '\r' || text[start] === '\n') start++;
  const end = text.indexOf(HEAD_END, start);
  if (end < 0) return { kind: 'partial' };
  const [startLine = '', ...lines] = text.slice(start, end).split('\r\n');
  if (/[\r\n]/.test(startLine)) return bad('bare CR or LF in the start line');
  const fields = readFields(lines);
  return 'kind' in fields ? fields : { kind: 'whole', startLine, fields, end: end + HEAD_END.length };
}

function readFields(lines: readonly string[]): readonly Field[] | Bad {
  const fields: Field[] = [];
  for (const line of lines) {
    const parts = FIELD_LINE.exec(line);
    if (!parts) return bad(`field line ${JSON.stringify(line.slice(0, 80))}`);
    fields.push([parts[1]!.toLowerCase(), parts[2]!.trimEnd()]);
  }
  return fields;
}

export function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}

/** The members of a list field, in lower case. */
export function listOf(fields: readonly Field[], name: string): string[] {
  return valuesOf(fields, name)
    .flatMap((value) => value.toLowerCase().split(','))
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

/** Section 6.1 and 6.3, without the leniency that they allow. */
export function framingOf(fields: readonly Field[], version: string): Framing | Bad {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (codings.length > 0) {
    if (lengths.length > 0) return bad('Content-Length with Transfer-Encoding');
    if (version === '1.0') return bad('Transfer-Encoding in HTTP/1.0');
    if (codings.length > 1 || codings[0]!.toLowerCase() !== 'chunked') return bad(`codings ${codings.join(' | ')}`);
    return { kind: 'chunked' };
  }
  if (lengths.length === 0) return { kind: 'none' };
  if (lengths.length > 1 || !/^\d+$/.test(lengths[0]!) || BigInt(lengths[0]!) > MOST_BYTES)
    return bad(`lengths ${lengths.join(' | ')}`);
  return { kind: 'length', length: Number(lengths[0]) };
}

export function readBody(text: string, from: number, framing: Framing): Body {
  if (framing.kind === 'none') return { kind: 'whole', content: '', end: from };
  if (framing.kind === 'chunked') return readChunks(text, from);
  const end = from + framing.length;
  return { kind: end <= text.length ? 'whole' : 'partial', content: text.slice(from, end), end };
}

function readChunks(text: string, from: number): Body {
  let content = '';
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    const line = text.slice(at, lineEnd < 0 ? undefined : lineEnd);
    if (lineEnd < 0) return { kind: 'partial', content, end: at };
    const parts = CHUNK_LINE.exec(line);
    if (!parts) return { kind: 'bad', content, end: at, why: `chunk line ${JSON.stringify(line.slice(0, 40))}` };
    const size = Number.parseInt(parts[1]!, 16);
    at = lineEnd + 2;
    if (size === 0) return readTrailers(text, at, content);
    content += text.slice(at, at + size);
    at += size;
    const after = text.slice(at, at + 2);
    if (after.length < 2) return { kind: 'partial', content, end: at };
    if (after !== '\r\n') return { kind: 'bad', content, end: at, why: 'no CRLF after a chunk' };
    at += 2;
  }
}

function readTrailers(text: string, from: number, content: string): Body {
  if (text.startsWith('\r\n', from)) return { kind: 'whole', content, end: from + 2 };
  const end = text.indexOf(HEAD_END, from);
  if (end < 0) return { kind: 'partial', content, end: from };
  const fields = readFields(text.slice(from, end).split('\r\n'));
  if ('kind' in fields) return { kind: 'bad', content, end: from, why: `trailer: ${fields.why}` };
  return { kind: 'whole', content, end: end + HEAD_END.length };
}
