/**
 * A reader of HTTP/1 messages for the two ends of a test, as lenient as the worst server on the net: what it finds is
 * what such a server would act on. Bytes are latin1 strings, one character a byte.
 */
export type Field = readonly [name: string, value: string];

/** `size` counts the bytes up to and including the empty line. Names are in lower case. */
export type Head = { start: string; fields: Field[]; size: number };

export type Framing = { kind: 'none' } | { kind: 'length'; length: number } | { kind: 'chunked' } | { kind: 'to-end' };

export type Body = { data: string; trailers: Field[]; size: number; isWhole: boolean };

/** The head that `bytes` begin with; undefined while its end has not come. Empty lines before it are skipped. */
export function readHead(bytes: string): Head | undefined {
  const start = /[^\r\n]/.exec(bytes)?.index;
  if (start === undefined) return undefined;
  const end = /\r?\n\r?\n/.exec(bytes.slice(start));
  if (!end) return undefined;
  const [first = '', ...lines] = bytes.slice(start, start + end.index).split(/\r?\n/);
  return { start: first, fields: lines.map(readField), size: start + end.index + end[0].length };
}

/** The body that `bytes` begin with, as far as it is there. */
export function readBody(bytes: string, framing: Framing): Body {
  switch (framing.kind) {
    case 'none':
      return { data: '', trailers: [], size: 0, isWhole: true };
    case 'to-end':
      return { data: bytes, trailers: [], size: bytes.length, isWhole: false };
    case 'length': {
      const data = bytes.slice(0, framing.length);
      return { data, trailers: [], size: data.length, isWhole: data.length === framing.length };
    }
    case 'chunked':
      return readChunks(bytes);
  }
}

export function valuesOf({ fields }: { fields: readonly Field[] }, name: string): string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}

export function valueOf(message: { fields: readonly Field[] }, name: string): string | undefined {
  return valuesOf(message, name)[0];
}

/** How a lenient reader takes the length of a message; `otherwise` if it says nothing. */
export function framingOf(head: Head, otherwise: Framing): Framing {
  if (valuesOf(head, 'transfer-encoding').some((value) => /chunked/i.test(value))) return { kind: 'chunked' };
  const length = Number.parseInt(valueOf(head, 'content-length') ?? '', 10);
  return Number.isNaN(length) ? otherwise : { kind: 'length', length };
}

function readField(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

function readChunks(bytes: string): Body {
  let data = '';
  let at = 0;
  for (;;) {
    const line = /^([^\n]*)\n/.exec(bytes.slice(at));
    const length = Number.parseInt(line?.[1] ?? '', 16);
    if (!line || Number.isNaN(length)) return { data, trailers: [], size: bytes.length, isWhole: false };
    at += line[0].length;
    if (length === 0) break;
    data += bytes.slice(at, at + length);
    at += length + 2;
    if (at > bytes.length) return { data, trailers: [], size: bytes.length, isWhole: false };
  }
  const rest = bytes.slice(at);
  if (rest.startsWith('\r\n')) return { data, trailers: [], size: at + 2, isWhole: true };
  const section = readHead(`trailers\r\n${rest}`);
  if (!section) return { data, trailers: [], size: bytes.length, isWhole: false };
  return { data, trailers: section.fields, size: at + section.size - 'trailers\r\n'.length, isWhole: true };
}
