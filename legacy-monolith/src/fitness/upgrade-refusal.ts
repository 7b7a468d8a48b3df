import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { REQUEST_ID, SERVED_BY } from '@fit/contracts/headers';
import { requestIdOf } from '@fit/service-kit/correlation';
import { problemDocument } from '@fit/service-kit/problem';
import type { ProblemError } from '@fit/service-kit/problem';

/** Answers an upgrade that is refused as Express would have answered it, and closes the connection. */
export function refuseUpgrade(problem: ProblemError, service: string, req: IncomingMessage, socket: Duplex): void {
  const requestId = requestIdOf(req.headers);
  const body = JSON.stringify(problemDocument(problem, { service, instance: pathOf(req), correlationId: requestId }));
  const headers = {
    ...problem.headers,
    [SERVED_BY]: 'legacy',
    [REQUEST_ID]: requestId,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${head.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}

export function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/';
}
