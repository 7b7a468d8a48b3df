import type { ServerResponse } from 'node:http';
import { ProblemError, problemDocument } from '@fit/service-kit/problem';
import type { ProblemOptions, ProblemType } from '@fit/service-kit/problem';

export type OwnAnswer = { type: ProblemType; detail: string; options?: ProblemOptions };

/** Answers for the edge itself, without any upstream: problem+json, and no `X-Served-By`. */
export function answerProblem(res: ServerResponse, answer: OwnAnswer, at: { requestId: string; path: string }): void {
  const { body, headers, status } = problemAnswer(answer, at);
  res.writeHead(status, headers);
  res.end(body);
}

export function problemAnswer(answer: OwnAnswer, at: { requestId: string; path: string }) {
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
