import type { ServerResponse } from 'node:http';
import { ProblemError } from '@fit/service-kit/problem';
import { problemAnswer } from '@fit/service-kit/raw-answer';

/** What the edge answers for itself, without any upstream: problem+json, and no `X-Served-By`. */
export const EDGE = { service: 'edge-proxy' };

/** A request that is not sound ends its connection: what follows on it is not to be trusted either. */
export function badRequest(detail: string): ProblemError {
  return new ProblemError('bad-request', detail, { headers: { connection: 'close' } });
}

export function methodNotAllowed(method: string): ProblemError {
  const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
  return new ProblemError('method-not-allowed', `${method} is not passed on`, { headers: { allow } });
}

export function answerProblem(
  res: ServerResponse,
  problem: ProblemError,
  { requestId, path }: { requestId: string; path: string },
): void {
  const { body, headers, status } = problemAnswer(problem, { ...EDGE, requestId, instance: path });
  res.writeHead(status, headers);
  res.end(body);
}
