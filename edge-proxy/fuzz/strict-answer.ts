import { bad, framingOf, readBody, readHead } from './strict-http.ts';
import type { Bad, Field, Framing } from './strict-http.ts';

export type StrictAnswer = {
  status: number;
  fields: readonly Field[];
  /** Informational answers that came before it. */
  interim: readonly number[];
  framing: Framing['kind'] | 'until-close';
  content: string;
  isWhole: boolean;
  end: number;
};

/** How the sender ended its connection; undefined while it is open. */
export type Ending = 'fin' | 'reset' | undefined;

export type OneAnswer =
  | { kind: 'whole' | 'partial' | 'bad'; answer: StrictAnswer; why: string }
  /** Partial with no reason: there is nothing, but perhaps informational answers. */
  | { kind: 'partial' | 'bad'; answer: undefined; why: string };

/**
 * More than the RFC allows in places that mean nothing to whoever reads the rest, and that llhttp lets pass: other versions,
 * and control characters in the reason, which an intermediary does not pass on.
 */
const STATUS_LINE = /^HTTP\/(0\.9|1\.[01]|2\.0) ([1-5]\d\d)(?: [^\r\n]*)?$/;
const STATUS_LINE_END = /([\r\n]*HTTP\/\d\.\d \d{3}[^\r\n]*)\r\r/y;

/**
 * The answer that begins at `from`, the 1xx before it included.
 *
 * @param method of the request that it answers
 */
export function readAnswer(bytes: string, from: number, method: string, ending: Ending): OneAnswer {
  const interim: number[] = [];
  let text = bytes;
  for (let at = from; ;) {
    text = withLineEnd(text, at);
    const head = readHead(text, at);
    if (head.kind === 'partial')
      return { kind: 'partial', answer: undefined, why: at < text.length ? 'a cut head' : '' };
    const read = head.kind === 'bad' ? head : readStatus(head.startLine, head.fields, method);
    if (read.kind === 'bad') return { kind: 'bad', answer: undefined, why: read.why };
    const { status, framing } = read;
    at = (head as { end: number }).end;
    if (status >= 200 || status === 101) {
      const { fields } = head as { fields: readonly Field[] };
      return withBody({ text, from: at, ending }, { status, fields, interim, framing });
    }
    interim.push(status);
  }
}

/** llhttp takes CR CR for the end of a status line; whoever passes the answer on writes a line of its own. */
function withLineEnd(text: string, at: number): string {
  STATUS_LINE_END.lastIndex = at;
  return text.replace(STATUS_LINE_END, '$1\r\n');
}

type Status = { kind: 'sound'; status: number; framing: Framing | { kind: 'until-close' } };

function readStatus(startLine: string, fields: readonly Field[], method: string): Status | Bad {
  const parts = STATUS_LINE.exec(startLine);
  if (!parts) return bad(`status line ${JSON.stringify(startLine.slice(0, 80))}`);
  const status = Number(parts[2]);
  // These end with their head, whatever fields stand in it (section 6.3, rule 1).
  if (status < 200 || status === 204) return { kind: 'sound', status, framing: { kind: 'none' } };
  // Transfer-Encoding in HTTP/1.0 is read too: it is framed anew.
  const framing = framingOf(fields, '1.1');
  if (framing.kind === 'bad') return framing;
  if (status === 304 || method === 'HEAD') return { kind: 'sound', status, framing: { kind: 'none' } };
  return { kind: 'sound', status, framing: framing.kind === 'none' ? { kind: 'until-close' } : framing };
}

function withBody(
  { text, from, ending }: { text: string; from: number; ending: Ending },
  head: Pick<StrictAnswer, 'status' | 'fields' | 'interim'> & Pick<Status, 'framing'>,
): OneAnswer {
  const { framing, ...rest } = head;
  if (framing.kind === 'until-close') {
    const kind = ending === 'fin' ? 'whole' : 'partial';
    const content = text.slice(from);
    const answer = { ...rest, framing: framing.kind, content, isWhole: kind === 'whole', end: text.length };
    return { kind, answer, why: '' };
  }
  const body = readBody(text, from, framing);
  const { content, end, kind } = body;
  return {
    kind,
    answer: { ...rest, framing: framing.kind, content, isWhole: kind === 'whole', end },
    why: body.why ?? '',
  };
}
