import type { ServerResponse } from 'node:http';
import { EDGE_FALLBACK } from '@fit/contracts/headers';
import { ProblemError } from '@fit/service-kit/problem';
import type { ProblemType } from '@fit/service-kit/problem';
import { isServerError } from '../domain/fallback.ts';
import { Attempt } from './attempt.ts';
import type { AttemptListener, RawHeaders, UpstreamRequest } from './attempt.ts';
import type { CallFault, EndFault, FallbackReason } from './fault.ts';
import { answerProblem } from './own-answer.ts';
import { isFinalStatus, responseHeaders } from './response-head.ts';
import type { Upstream } from './upstream.ts';

/** What is to be done for one request, decided before anything is sent. */
export type ForwardPlan = {
  requestId: string;
  path: string;
  /** For everything up to the first byte to the client. */
  deadlineMs: number;
  first: Upstream;
  /** Answers instead if the first fails before a byte went to the client. */
  fallback: Upstream | undefined;
  /**
   * Whether the first may be asked once more on a reset: a kept connection that the upstream closes at its idle limit just
   * as a request is sent on it is nobody's failure (RFC 9110, section 9.2.2).
   */
  retryReset: boolean;
  /** For one upstream; `Host` differs with it. */
  requestFor: (upstream: Upstream) => UpstreamRequest;
};

/** How a request ended, for those who count. */
export type Outcome = {
  /** What the client got; undefined if it left before. */
  status: number | undefined;
  /** Whose answer the client got; undefined if it was the edge's own. */
  servedBy: Upstream | undefined;
  /** What made the fallback necessary. */
  fallback: FallbackReason | undefined;
  /** What the client met in the end. */
  fault: EndFault | undefined;
};

type Answer = readonly [type: ProblemType, detail: string];

const ANSWER_TO_FAULT: Record<CallFault, Answer> = {
  refused: ['dependency-unavailable', 'The server behind refuses connections'],
  unreachable: ['dependency-unavailable', 'The server behind cannot be reached'],
  'unknown-host': ['dependency-unavailable', 'The server behind has a name that cannot be resolved'],
  'connect-timeout': ['dependency-unavailable', 'The server behind does not accept connections'],
  tls: ['bad-upstream-answer', 'The server behind could not be trusted'],
  reset: ['bad-upstream-answer', 'The server behind closed the connection before its answer'],
  malformed: ['bad-upstream-answer', 'The server behind sent no valid HTTP'],
  'first-byte-timeout': ['upstream-timeout', 'The server behind did not answer in time'],
  'body-timeout': ['upstream-timeout', 'The server behind stopped in the middle of its answer'],
  overloaded: ['overloaded', 'As many requests as allowed are waiting for the server behind'],
  'invalid-request': ['bad-request', 'The request cannot be passed on as it is'],
};

/** One request of a client: its attempts, and the answer as it streams back. */
export class Exchange implements AttemptListener {
  readonly #res: ServerResponse;
  readonly #plan: ForwardPlan;
  readonly #onEnd: (outcome: Outcome) => void;
  readonly #startedAt = performance.now();
  #upstream: Upstream;
  #attempt: Attempt | undefined;
  #hasRetried = false;
  #fallbackReason: FallbackReason | undefined;
  #fault: CallFault | undefined;

  constructor(res: ServerResponse, plan: ForwardPlan, onEnd: (outcome: Outcome) => void) {
    this.#res = res;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#upstream = plan.first;
  }

  start(): void {
    this.#res.once('close', () => this.#finish());
    this.#res.on('drain', () => this.#attempt?.resume());
    this.#try(this.#plan.first);
  }

  head(status: number, raw: RawHeaders): void {
    if (!isFinalStatus(status)) return this.#refuseAnswer();
    if (isServerError(status) && this.#canFallBack()) {
      this.#attempt?.discard();
      return this.#fallBack('server-error');
    }
    try {
      const { requestId } = this.#plan;
      this.#res.writeHead(status, responseHeaders(status, raw, { requestId, fallback: this.#fallbackReason }));
    } catch {
      // Node refuses what no client may see, such as a forbidden byte in a value.
      this.#refuseAnswer();
    }
  }

  data(chunk: Buffer): boolean {
    return this.#res.write(chunk);
  }

  end(): void {
    this.#res.end();
  }

  failed(fault: CallFault): void {
    if (this.#res.headersSent) {
      this.#fault = fault;
      // The client must see that the answer is cut: no terminator, no text of ours.
      this.#res.destroy();
      return;
    }
    if (fault === 'reset' && this.#canRetry()) return this.#retry();
    if (this.#canFallBack() && fault !== 'invalid-request') return this.#fallBack(fault);
    this.#fault = fault;
    this.#answerFault(fault);
  }

  #refuseAnswer(): void {
    this.#attempt?.abort();
    this.failed('malformed');
  }

  #try(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#attempt = new Attempt(upstream, this);
    const leftMs = this.#plan.deadlineMs - (performance.now() - this.#startedAt);
    this.#attempt.start(this.#plan.requestFor(upstream), Math.max(1, Math.min(upstream.firstByteTimeoutMs, leftMs)));
  }

  #canRetry(): boolean {
    return this.#plan.retryReset && !this.#hasRetried && !this.#res.destroyed;
  }

  #retry(): void {
    this.#hasRetried = true;
    this.#try(this.#upstream);
  }

  #canFallBack(): boolean {
    return this.#plan.fallback !== undefined && this.#fallbackReason === undefined && !this.#res.destroyed;
  }

  #fallBack(reason: FallbackReason): void {
    this.#fallbackReason = reason;
    this.#try(this.#plan.fallback!);
  }

  #answerFault(fault: CallFault): void {
    if (this.#res.destroyed) return;
    const [type, detail] = ANSWER_TO_FAULT[fault];
    const headers = this.#fallbackReason ? { [EDGE_FALLBACK]: this.#fallbackReason } : {};
    answerProblem(this.#res, new ProblemError(type, detail, { headers }), this.#plan);
  }

  #finish(): void {
    const left = !this.#res.writableFinished && this.#fault === undefined;
    if (left) this.#attempt?.abort();
    const answeredByEdge = this.#fault !== undefined && this.#res.writableFinished;
    this.#onEnd({
      status: this.#res.headersSent ? this.#res.statusCode : undefined,
      servedBy: answeredByEdge || !this.#res.headersSent ? undefined : this.#upstream,
      fallback: this.#fallbackReason,
      fault: left ? 'client-left' : this.#fault,
    });
  }
}
