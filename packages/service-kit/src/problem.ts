import { SERVED_BY } from '@fit/contracts/headers';
import type { FieldError, Problem } from '@fit/contracts/problem';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from './logger.ts';

/** Every problem type that the services send: stable slug → status and title. */
const PROBLEM_TYPES = {
  'bad-request': [400, 'Bad request'],
  'invalid-json': [400, 'The body is not JSON'],
  'validation-failed': [400, 'A field is wrong'],
  unauthorized: [401, 'A valid bearer token is needed'],
  'invalid-credentials': [401, 'E-mail or password is wrong'],
  'invalid-login-code': [401, 'The login code is not valid'],
  forbidden: [403, 'Not allowed'],
  'cross-origin': [403, 'Another site must not send requests here'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'account-exists': [409, 'The account exists'],
  'not-enough-exercises': [409, 'Not enough exercises'],
  'not-possible': [409, 'Not possible as things are'],
  'request-timeout': [408, 'The request took too long'],
  'revision-conflict': [412, 'The revision is not the current one'],
  'body-too-large': [413, 'The body is too large'],
  'target-too-long': [414, 'The request target is too long'],
  'unsupported-media-type': [415, 'The body must be application/json'],
  'expectation-failed': [417, 'The expectation cannot be met'],
  'misdirected-host': [421, 'The request is for another host'],
  'unknown-exercise': [422, 'An exercise does not exist'],
  'idempotency-key-reused': [422, 'The idempotency key belongs to another body'],
  'upgrade-required': [426, 'An upgrade to WebSocket is needed'],
  'revision-required': [428, 'If-Match is needed'],
  'too-many-requests': [429, 'Too many requests'],
  'head-too-large': [431, 'The head is too large'],
  'internal-error': [500, 'Internal error'],
  'bad-upstream-answer': [502, 'A dependency answered wrongly'],
  overloaded: [503, 'Overloaded'],
  'not-ready': [503, 'Not ready'],
  'dependency-unavailable': [503, 'A dependency is unavailable'],
  'store-unavailable': [503, 'The store is unavailable'],
  'upstream-timeout': [504, 'The upstream did not answer in time'],
  'version-not-supported': [505, 'A version of HTTP that is not understood'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemType = keyof typeof PROBLEM_TYPES;

export type ProblemOptions = {
  /** Members that the problem type adds. */
  extensions?: Record<string, unknown>;
  headers?: Record<string, string>;
  cause?: unknown;
};

/** An expected failure, as HTTP shows it. 503 carries `Retry-After: 1` unless `headers` says otherwise. */
export class ProblemError extends Error {
  readonly code: ProblemType;
  readonly status: number;
  readonly extensions: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(code: ProblemType, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.status = PROBLEM_TYPES[code][0];
    this.extensions = options.extensions ?? {};
    this.headers = { ...(this.status === 503 && { 'retry-after': '1' }), ...options.headers };
  }
}

/** The problem document (RFC 9457) for one request. */
export function problemDocument(
  error: ProblemError,
  context: { service: string; instance: string; correlationId: string; now?: Date },
): Problem {
  return {
    type: error.code,
    title: PROBLEM_TYPES[error.code][1],
    status: error.status,
    detail: error.message,
    instance: context.instance,
    correlation_id: context.correlationId,
    service: context.service,
    timestamp: (context.now ?? new Date()).toISOString(),
    ...error.extensions,
  };
}

/** A value as a schema wants it, or a 400 that names every wrong field. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, input));
  throw new ProblemError('validation-failed', `${where}: ${errors.map(sentence).join('; ')}`, {
    extensions: { errors },
  });
}

/** The one place that turns errors into HTTP. */
export function problemHandler(service: string, logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error);
    const requestId: unknown = res.locals['requestId'];
    if (problem.code === 'internal-error') logger.error({ err: error, requestId }, 'request failed unexpectedly');
    // Whoever asks whether it is ready wants to know just that.
    else if (problem.status >= 500 && problem.code !== 'not-ready')
      logger.warn({ requestId, problem: problem.code, detail: problem.message }, 'request failed');
    if (res.headersSent) return next(error);
    sendProblem(problem, service, req, res);
  };
}

export const notFound: RequestHandler = (req) => {
  throw new ProblemError('not-found', `There is nothing at ${req.path}`);
};

function sendProblem(problem: ProblemError, service: string, req: Request, res: Response): void {
  const servedBy = res.get(SERVED_BY);
  res
    .status(problem.status)
    .set({ ...problem.headers, 'cache-control': 'no-store', ...(servedBy && { [SERVED_BY]: servedBy }) })
    .type('application/problem+json')
    .send(
      JSON.stringify(
        problemDocument(problem, {
          service,
          instance: req.originalUrl.split('?', 1)[0] ?? '/',
          correlationId: String(res.locals['requestId'] ?? ''),
        }),
      ),
    );
}

/** Errors of Express and its body parser have a `type` or a `status`; everything else is ours to mend. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const { type, status, limit } = (error ?? {}) as { type?: string; status?: number; limit?: number };
  switch (type) {
    case 'entity.too.large':
      return new ProblemError('body-too-large', `The body is larger than ${String(limit)} bytes`);
    case 'entity.parse.failed':
      return new ProblemError('invalid-json', 'The body cannot be parsed as JSON');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new ProblemError('unsupported-media-type', 'The body must be UTF-8 JSON');
    default:
      return status !== undefined && status >= 400 && status < 500
        ? new ProblemError('bad-request', 'The request cannot be understood', { cause: error })
        : new ProblemError('internal-error', 'The request failed; the log has more under the correlation id', {
            cause: error,
          });
  }
}

function fieldErrors(issue: z.core.$ZodIssue, input: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldName([...issue.path, key]), rule: 'is not a known field' }));
  }
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
  const isSecret = issue.path.includes('password');
  return [{ field: fieldName(issue.path), rule: issue.message, ...(!isSecret && shown(value)) }];
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.') || '(whole)';
}

function shown(value: unknown): { value?: unknown } {
  if (value === undefined) return {};
  if (typeof value === 'number' && !Number.isFinite(value)) return { value: String(value) };
  if (typeof value === 'string') return { value: value.length > 100 ? `${value.slice(0, 100)}…` : value };
  const text = JSON.stringify(value);
  return { value: text.length > 100 ? `${text.slice(0, 100)}…` : value };
}

function sentence({ field, rule, value }: FieldError): string {
  return value === undefined ? `${field}: ${rule}` : `${field}: ${rule} (received ${JSON.stringify(value)})`;
}
