import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SENT_FOR } from './answer-grammar.ts';
import { addressOfCanary, foreignTokens, tokenOfCanary } from './case-marks.ts';
import type { Finding } from './finding.ts';
import { ROUTE_PATH } from './request-grammar.ts';
import { readAnswer } from './strict-answer.ts';
import type { StrictAnswer } from './strict-answer.ts';
import { valuesOf } from './strict-http.ts';

export type CanaryReport = { asked: number; answered: number; refused: number; closed: number };

const PAUSE_MS = 10;
const ANSWER_BOUND_MS = 20_000;

/**
 * A sound client on a kept connection, one request after another, while others misbehave. Each request has a token of its
 * own, and only the answer with that token will do. A refusal by the edge, or a closed connection, is counted: an upstream
 * that breaks off can cost any request, but never give it another one's answer.
 */
export class Canary {
  readonly report: CanaryReport = { asked: 0, answered: 0, refused: 0, closed: 0 };
  readonly #number: number;
  readonly #port: number;
  readonly #found: (finding: Finding) => void;
  #isStopping = false;
  #stopped: Promise<void> = Promise.resolve();
  #socket: Socket | undefined;
  #text = '';
  #onNews: () => void = () => undefined;

  constructor(number: number, port: number, found: (finding: Finding) => void) {
    this.#number = number;
    this.#port = port;
    this.#found = found;
  }

  start(): void {
    this.#isStopping = false;
    this.#stopped = this.#ask();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#stopped;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #ask(): Promise<void> {
    while (!this.#isStopping) {
      const token = tokenOfCanary(this.#number, this.report.asked++);
      const method = this.report.asked % 4 === 0 ? 'POST' : 'GET';
      const target = this.report.asked % 2 === 0 ? `/canary/${token}` : `${ROUTE_PATH}?t=${token}`;
      const body = method === 'POST' ? `Content-Length: ${token.length}\r\n\r\n${token}` : '\r\n';
      const socket = this.#connected();
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: canary.test\r\nX-Canary: ${token}\r\n${body}`);
      this.#judge(await this.#answer(socket, method), token);
      await pause(PAUSE_MS);
    }
  }

  #connected(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: addressOfCanary(this.#number) });
    this.#text = '';
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#onNews();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onNews());
    this.#socket = socket;
    return socket;
  }

  /** Undefined if the connection was closed first. */
  async #answer(socket: Socket, method: string): Promise<StrictAnswer | undefined> {
    const until = performance.now() + ANSWER_BOUND_MS;
    for (;;) {
      const { kind, answer, why } = readAnswer(this.#text, 0, method, undefined);
      if (kind === 'whole') {
        this.#text = this.#text.slice(answer.end);
        if (this.#text !== '') this.#fault('bytes after its answer', this.#text);
        return answer;
      }
      if (kind === 'bad') this.#fault(`an unsound answer: ${why}`, this.#text);
      if (performance.now() > until) this.#fault('no answer', this.#text);
      if (kind === 'bad' || performance.now() > until) socket.destroy();
      if (socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ANSWER_BOUND_MS);
        this.#onNews = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #judge(answer: StrictAnswer | undefined, token: string): void {
    if (!answer) return void this.report.closed++;
    const [sentFor] = valuesOf(answer.fields, SENT_FOR);
    const { status, content, fields } = answer;
    if (foreignTokens(`${JSON.stringify(fields)}${content}`, token).length > 0) {
      return this.#fault(`asked with ${token}, got another one's answer`, `${JSON.stringify(fields)} ${content}`);
    }
    if (sentFor === undefined && status >= 500) return void this.report.refused++;
    if (status !== 200 || sentFor !== token || content !== token) {
      return this.#fault(`asked with ${token}, got ${status}`, `${JSON.stringify(fields)} ${content}`);
    }
    this.report.answered++;
  }

  #fault(why: string, bytes: string): void {
    this.#found({ kind: 'canary', why, bytes });
  }
}
