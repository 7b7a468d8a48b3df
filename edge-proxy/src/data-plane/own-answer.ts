import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { requestIdOf } from '@fit/service-kit/correlation';
import { ProblemError, problemDocument } from '@fit/service-kit/problem';
import type { ProblemOptions, ProblemType } from '@fit/service-kit/problem';

export type OwnAnswer = { type: ProblemType; detail: string; options?: ProblemOptions };

/** A request that is not sound ends its connection: what follows on it is not to be trusted either. */
export function badRequest(detail: string): OwnAnswer {
  return { type: 'bad-request', detail, options: { headers: { connection: 'close' } } };
}

export function methodNotAllowed(method: string): OwnAnswer {
  const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
  return { type: 'method-not-allowed', detail: `${method} is not passed on`, options: { headers: { allow } } };
}

/** Answers for the edge itself, without any upstream: problem+json, and no `X-Served-By`. */
export function answerProblem(res: ServerResponse, answer: OwnAnswer, at: { requestId: string; path: string }): void {
  const { body, headers, status } = problemAnswer(answer, at);
  res.writeHead(status, headers);
  res.end(body);
}

/** The same where Node has no response object (CONNECT and upgrades); the connection ends. */
export function answerOnSocket(socket: Duplex, answer: OwnAnswer, req: IncomingMessage): void {
  if (!socket.writable) return void socket.destroy();
  const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
  const { status, headers, body } = problemAnswer(answer, { requestId: requestIdOf(req.headers), path });
  const fields = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body}`);
}

function problemAnswer(answer: OwnAnswer, at: { requestId: string; path: string }) {
  const error = new ProblemError(answer.type, answer.detail, answer.options);
  const body = JSON.stringify(
    problemDocument(error, { service: 'edge-proxy', instance: at.path, correlationId: at.requestId }),
  );
  const headers = {
    ...error.headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-request-id': at.requestId,
  };
  return { status: error.status, headers, body };
}
