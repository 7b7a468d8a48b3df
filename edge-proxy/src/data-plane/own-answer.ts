import type { IncomingMessage } from 'node:http';
import { REQUEST_ID } from '@fit/contracts/headers';
import { ProblemError } from '@fit/service-kit/problem';
import type { ProblemType } from '@fit/service-kit/problem';
import { problemAnswer } from '@fit/service-kit/raw-answer';
import type { ClientResponse } from './client-response.ts';
import type { CallFault } from './fault.ts';

/** What the edge answers for itself, without any upstream: problem+json, and no `X-Served-By`. */
export const EDGE = { service: 'edge-proxy' };

/** What a client is told of a fault that nothing could make up for. */
const ANSWER_TO_FAULT: Record<CallFault, readonly [type: ProblemType, detail: string]> = {
  refused: ['dependency-unavailable', 'The server behind refuses connections'],
  unreachable: ['dependency-unavailable', 'The server behind cannot be reached'],
  'unknown-host': ['dependency-unavailable', 'The server behind has a name that cannot be resolved'],
  'connect-timeout': ['dependency-unavailable', 'The server behind does not accept connections'],
  tls: ['bad-upstream-answer', 'The server behind could not be trusted'],
  reset: ['bad-upstream-answer', 'The server behind closed the connection before its answer'],
  malformed: ['bad-upstream-answer', 'The server behind sent no valid HTTP'],
  'first-byte-timeout': ['upstream-timeout', 'The server behind did not answer in time'],
  deadline: ['upstream-timeout', 'The server behind did not answer in the time that was left'],
  'body-timeout': ['upstream-timeout', 'The server behind stopped in the middle of its answer'],
  'send-timeout': ['upstream-timeout', 'The server behind stopped reading the request'],
  overloaded: ['overloaded', 'As many requests as allowed are waiting for the server behind'],
  'breaker-open': ['dependency-unavailable', 'The server behind failed too often just now'],
  'invalid-request': ['bad-request', 'The request cannot be passed on as it is'],
};

export function faultProblem(fault: CallFault, headers: Record<string, string>): ProblemError {
  const [type, detail] = ANSWER_TO_FAULT[fault];
  return new ProblemError(type, detail, { headers });
}

/** The same where the way back was removed on purpose: one status for all that the server behind did not do. */
export function retiredFaultProblem(fault: CallFault): ProblemError {
  const [type, detail] = ANSWER_TO_FAULT[fault];
  return new ProblemError(type === 'bad-request' ? type : 'dependency-unavailable', detail);
}

/** A request that is not sound ends its connection: what follows on it is not to be trusted either. */
export function badRequest(detail: string): ProblemError {
  return new ProblemError('bad-request', detail, { headers: { connection: 'close' } });
}

const ALLOW = { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' };

export function methodNotAllowed(method: string): ProblemError {
  return new ProblemError('method-not-allowed', `${method} is not passed on`, { headers: ALLOW });
}

/** What this hop can do, for OPTIONS that are to go no further. */
export function answerOptions(res: ClientResponse, { requestId }: { requestId: string }): void {
  res.begin(204, { ...ALLOW, [REQUEST_ID]: requestId });
  res.end();
}

/** The client stopped in the middle of its request, so nothing more can be read on its connection. */
export function requestTimeout(): ProblemError {
  return new ProblemError('request-timeout', 'The request did not arrive in time', {
    headers: { connection: 'close' },
  });
}

/** So long the rest of a body that nobody wants is read and dropped: closed with bytes unread, a connection is reset. */
const LINGER_MS = 1000;

export function answerProblem(
  res: ClientResponse,
  problem: ProblemError,
  { requestId, path }: { requestId: string; path: string },
): void {
  const { body, headers, status } = problemAnswer(problem, { ...EDGE, requestId, instance: path });
  res.begin(status, headers);
  if (headers['connection'] !== 'close' || !isArriving(res.req)) return void res.end(body);
  res.write(body);
  const linger = setTimeout(() => res.end(), LINGER_MS);
  res.req.once('end', () => res.end()).resume();
  res.once('close', () => clearTimeout(linger));
}

function isArriving({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined);
}
