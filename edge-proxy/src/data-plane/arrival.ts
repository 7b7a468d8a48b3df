import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerOnSocket, refuseGarbage } from '@fit/service-kit/raw-answer';
import type { ConnectionState } from '@fit/service-kit/close-server';
import type { ProblemError } from '@fit/service-kit/problem';
import type { Readiness } from '@fit/service-kit/readiness';
import { knownConnection } from './client-connection.ts';
import type { ClientResponse } from './client-response.ts';
import { EDGE, methodNotAllowed } from './own-answer.ts';

/** What comes from clients, and in which order what they are owed goes out on each connection. */

export type ArrivalOptions = {
  readiness: Readiness;
  /** Requests on one connection; the last answer ends it. */
  maxRequests: number;
};

/**
 * A request has come: its answer is one that its connection owes.
 *
 * @returns false for what comes on a connection that is to end, or has ended
 */
export function enter(req: IncomingMessage, res: ClientResponse, { readiness, maxRequests }: ArrivalOptions): boolean {
  const connection = knownConnection(req.socket);
  // A peer without an address had gone before it was accepted.
  if (connection.isEnding || connection.peer === '' || req.socket.destroyed) return false;
  res.client = connection;
  res.readiness = readiness;
  connection.answers.push(res);
  connection.latest = req;
  if (req.httpVersion === '1.0') {
    // Node believes a `TE: chunked` there, and llhttp lets keep-alive win over close (RFC 9112, sections 7.4 and 9.3).
    res.useChunkedEncodingByDefault = false;
    if (/\bclose\b/i.test(req.headers.connection ?? '')) res.beLast();
  }
  // After an upgrade that is not obeyed Node loses its place in what follows.
  const isUnobeyed = req.headers.upgrade !== undefined && /\bupgrade\b/i.test(req.headers.connection ?? '');
  if (++connection.requests >= maxRequests || isUnobeyed) res.beLast();
  res.on('close', onClose);
  return true;
}

/** Listener of a socket's `end`. */
export function clientEnded(this: Socket): void {
  knownConnection(this).answers[0]?.exchange?.halfClosed();
}

const refuse = refuseGarbage(EDGE);

/**
 * Listener of `clientError`: bytes that are no HTTP, or a request that did not come in time. Those before it get their answers, and with the last of
 * them the connection ends; only where nobody waits is there an answer of ours, which would be taken for theirs.
 */
export function garbageCame(error: Error & { code?: string }, socket: Duplex): void {
  const { answers, latest } = knownConnection(socket as Socket);
  const last = answers.at(-1);
  if (!latest || latest.complete) return last ? last.beLast() : refuse(error, socket);
  // The request itself is broken.
  if (last?.req !== latest) return void socket.destroy();
  // It is refused already, and what is left of it does not matter.
  if (!last.exchange) return;
  last.exchange.giveUp('client-garbled');
  const before = answers.at(-2);
  if (before) before.beLast();
  else if (last.headersSent) socket.destroy();
  else refuse(error, socket, { isHead: latest.method === 'HEAD' });
}

/**
 * Listener of `connect`, a method that is not passed on. Node lets go of the connection, and of the answers on it.
 *
 * @param refused is told of the refusal, if there is one
 */
export function connectCame(req: IncomingMessage, socket: Duplex, refused: (problem: ProblemError) => void): void {
  const { answers } = knownConnection(socket as Socket);
  const last = answers.at(-1);
  if (!last) {
    const problem = methodNotAllowed('CONNECT');
    answerOnSocket(socket, problem, req, EDGE);
    return refused(problem);
  }
  last.beLast();
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    for (const answer of answers) answer.exchange?.closed();
  });
}

export function connectionState(socket: Socket): ConnectionState {
  const { answers, answeredUpTo } = knownConnection(socket);
  if (answers.length > 0 || socket.writableLength > 0) return 'serving';
  return socket.bytesRead === answeredUpTo ? 'idle' : 'arriving';
}

function onClose(this: ClientResponse): void {
  const client = this.client!;
  client.answers.splice(client.answers.indexOf(this), 1);
  client.answeredUpTo = this.req.socket.bytesRead;
  // An idle connection holds on to nothing.
  if (client.latest?.complete) client.latest = undefined;
  this.exchange?.closed();
}
