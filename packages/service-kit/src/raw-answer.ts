import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { REQUEST_ID, SERVED_BY } from '@fit/contracts/headers';
import { requestIdOf } from './correlation.ts';
import { ProblemError, problemDocument } from './problem.ts';

/** Problems where Express has no part: on the bare request, and on the bare connection. */

export type Answerer = { service: string; servedBy?: 'legacy' | 'coach' };
export type AnswerContext = Answerer & { requestId: string; instance: string };

export type RawAnswer = { status: number; headers: Record<string, string>; body: string };

export function problemAnswer(problem: ProblemError, context: AnswerContext): RawAnswer {
  const { service, servedBy, requestId, instance } = context;
  const body = JSON.stringify(problemDocument(problem, { service, instance, correlationId: requestId }));
  const headers = {
    ...problem.headers,
    ...(servedBy && { [SERVED_BY]: servedBy }),
    [REQUEST_ID]: requestId,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  };
  return { status: problem.status, headers, body };
}

/** Answers where Node has no response object (upgrades, CONNECT), and ends the connection. */
export function answerOnSocket(socket: Duplex, problem: ProblemError, req: IncomingMessage, answerer: Answerer): void {
  writeAnswer(
    socket,
    problemAnswer(problem, { ...answerer, requestId: requestIdOf(req.headers), instance: pathOf(req) }),
  );
}

/**
 * Makes a handler of `clientError`: what llhttp refuses never was a whole request, but whoever sent it gets to know why.
 * `isHead` says that its head was one, and a HEAD.
 */
export function refuseGarbage(answerer: Answerer) {
  return ({ code }: Error & { code?: string }, socket: Duplex, { isHead = false } = {}): void => {
    if (code === 'ECONNRESET') return void socket.destroy();
    const answer = problemAnswer(garbageProblem(code), { ...answerer, requestId: requestIdOf({}), instance: '/' });
    writeAnswer(socket, isHead ? { ...answer, body: '' } : answer);
  };
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function garbageProblem(code: string | undefined): ProblemError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError('head-too-large', 'The head of the request is too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProblemError('request-timeout', 'The request did not arrive in time');
    default:
      return new ProblemError('bad-request', 'The bytes are no HTTP/1.1 request');
  }
}

/** Closed with bytes unread, a connection is reset, and the answer may be lost with it: so long they are read and dropped. */
const LINGER_MS = 1000;

/** Node has taken its own listeners off by now: without one of ours a reset would end the process. */
function writeAnswer(socket: Duplex, { status, headers, body }: RawAnswer): void {
  // What follows on bytes that were refused is refused silently.
  if (socket.writableEnded) return;
  socket.on('error', () => socket.destroy());
  if (!socket.writable) return void socket.destroy();
  const fields = Object.entries({ ...headers, date: new Date().toUTCString(), connection: 'close' });
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
  linger(socket);
}

/** For a connection whose sending side has ended: what still comes is read and dropped for a while, then it is closed. */
export function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
