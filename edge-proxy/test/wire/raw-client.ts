import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { framingOf, readBody, readHead } from './raw-message.ts';
import type { Field, Framing } from './raw-message.ts';
import { Watch, shown } from './watch.ts';

/** An answer as a client gets it. */
export type RawAnswer = {
  status: number;
  reason: string;
  fields: Field[];
  /** The head as it came. */
  head: string;
  body: string;
  trailers: Field[];
  framing: Framing['kind'];
  /** Statuses and heads of the 1xx before it. */
  interim: { status: number; fields: Field[] }[];
};

/** How the edge ended a connection, if it did. */
export type Ending = 'open' | 'end' | 'reset';

/** A client that sends the bytes that it is given, whatever they mean, and keeps all that comes back. */
export class RawClient {
  /** All that has come, one character a byte. */
  received = '';
  ending: Ending = 'open';
  isClosed = false;
  readonly socket: Socket;
  readonly #watch = new Watch();
  #at = 0;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
    this.socket.setNoDelay();
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#watch.wake();
    });
    this.socket.on('end', () => this.#ended('end'));
    this.socket.on('error', () => this.#ended('reset'));
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#watch.wake();
    });
  }

  send(bytes: string): this {
    this.socket.write(bytes, 'latin1');
    return this;
  }

  /** Sends in pieces that arrive apart; stops once the edge has answered, as what is sent then meets a reset. */
  async sendSlowly(bytes: string, pieceSize = 1): Promise<this> {
    for (let at = 0; at < bytes.length && this.received === '' && this.ending === 'open'; at += pieceSize) {
      this.send(bytes.slice(at, at + pieceSize));
      await turn();
      await turn();
    }
    return this;
  }

  /** Says that nothing more will be sent, and goes on reading. */
  halfClose(): this {
    this.socket.end();
    return this;
  }

  /** Goes away: with FIN, or with RST. */
  leave(how: 'FIN' | 'RST' = 'FIN'): void {
    // A reset while a FIN is on its way leaks the descriptor in Node 24, and its event loop spins on it.
    if (how === 'RST' && this.ending === 'open' && !this.socket.writableEnded) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  async until(holds: (client: this) => boolean, what = 'the expected bytes', limitMs?: number): Promise<void> {
    const story = () => `no ${what}; connection: ${this.ending}; received: ${shown(this.received)}`;
    await this.#watch.until(() => holds(this), story, limitMs);
  }

  /** The next final answer, whole; one without length is whole when the connection ends. */
  async answer(method = 'GET'): Promise<RawAnswer> {
    let found: Found | undefined;
    let wholeAt = 0;
    await this.until(() => {
      // A long body is not read anew with each of its pieces.
      wholeAt ||= this.#at + sizeInHead(this.received.slice(this.#at), method);
      if (this.ending === 'open' && this.received.length < wholeAt) return false;
      found = readAnswer(this.received.slice(this.#at), { method, hasEnded: this.ending === 'end' });
      return found !== undefined || this.ending !== 'open';
    }, 'whole answer');
    if (!found) throw new Error(`the connection ended (${this.ending}) within an answer: ${shown(this.received)}`);
    this.#at += found.size;
    return found.answer;
  }

  /** Reads on until the edge ends the connection; what came after the last `answer`. */
  async rest(limitMs?: number): Promise<string> {
    await this.until(() => this.ending !== 'open', 'end of the connection', limitMs);
    return this.received.slice(this.#at);
  }

  #ended(how: Ending): void {
    if (this.ending === 'open') this.ending = how;
    this.#watch.wake();
  }
}

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The size of the answer that `bytes` begin with, as far as its head is there and tells; otherwise 0. */
function sizeInHead(bytes: string, method: string): number {
  const head = readHead(bytes);
  if (!head || method === 'HEAD' || /^\S+ (1\d\d|204|304)/.test(head.start)) return 0;
  const framing = framingOf(head, { kind: 'none' });
  return framing.kind === 'length' ? head.size + framing.length : 0;
}

type Found = { answer: RawAnswer; size: number };

/** The first final answer in `bytes`, undefined while it is not whole. */
export function readAnswer(bytes: string, options: { method: string; hasEnded: boolean }): Found | undefined {
  const interim: RawAnswer['interim'] = [];
  let at = 0;
  for (;;) {
    const head = readHead(bytes.slice(at));
    if (!head) return undefined;
    const [, code = '', reason = ''] = /^\S+ (\d+) ?(.*)$/s.exec(head.start) ?? [];
    const status = Number(code);
    const bodyAt = at + head.size;
    if (status >= 100 && status < 200 && status !== 101) {
      interim.push({ status, fields: head.fields });
      at = bodyAt;
      continue;
    }
    const isBodyless = options.method === 'HEAD' || status === 204 || status === 304;
    const framing: Framing = isBodyless ? { kind: 'none' } : framingOf(head, { kind: 'to-end' });
    const body = readBody(bytes.slice(bodyAt), framing);
    if (!body.isWhole && !(framing.kind === 'to-end' && options.hasEnded)) return undefined;
    const { data, trailers } = body;
    const found = { status, reason, fields: head.fields, body: data, trailers, framing: framing.kind, interim };
    return { answer: { ...found, head: bytes.slice(at, bodyAt) }, size: bodyAt + body.size };
  }
}
