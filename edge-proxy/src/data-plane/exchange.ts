import type { ServerResponse } from 'node:http';
import { isServerError } from '../domain/fallback.ts';
import { Attempt } from './attempt.ts';
import type { AttemptListener, RawHeaders, UpstreamRequest } from './attempt.ts';
import type { Fault } from './fault.ts';
import { answerProblem } from './own-answer.ts';
import type { OwnAnswer } from './own-answer.ts';
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
  fallback: Fault | undefined;
  /** What the client met in the end. */
  fault: Fault | undefined;
};

const ANSWER_TO_FAULT: Record<Exclude<Fault, 'client-left' | 'server-error'>, OwnAnswer> = {
  refused: unavailable('refuses connections'),
  unreachable: unavailable('cannot be reached'),
  'unknown-host': unavailable('has a name that cannot be resolved'),
  'connect-timeout': unavailable('does not accept connections'),
  tls: { type: 'bad-upstream-answer', detail: 'The server behind could not be trusted' },
  reset: { type: 'bad-upstream-answer', detail: 'The server behind closed the connection before its answer' },
  malformed: { type: 'bad-upstream-answer', detail: 'The server behind sent no valid HTTP' },
  'first-byte-timeout': { type: 'upstream-timeout', detail: 'The server behind did not answer in time' },
  'body-timeout': { type: 'upstream-timeout', detail: 'The server behind stopped in the middle of its answer' },
  overloaded: { type: 'overloaded', detail: 'As many requests as allowed are waiting for the server behind' },
  'invalid-request': { type: 'bad-request', detail: 'The request cannot be passed on as it is' },
};

/** One request of a client: its attempts, and the answer as it streams back. */
export class Exchange implements AttemptListener {
  readonly #res: ServerResponse;
  readonly #plan: ForwardPlan;
  readonly #onEnd: (outcome: Outcome) => void;
  readonly #startedAt = performance.now();
  #upstream: Upstream;
  #attempt: Attempt | undefined;
  #fallbackReason: Fault | undefined;
  #fault: Fault | undefined;

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
      this.#res.writeHead(status, responseHeaders(raw, { requestId, fallback: this.#fallbackReason }));
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

  failed(fault: Fault): void {
    if (this.#res.headersSent) {
      this.#fault = fault;
      // The client must see that the answer is cut: no terminator, no text of ours.
      this.#res.destroy();
      return;
    }
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

  #canFallBack(): boolean {
    return this.#plan.fallback !== undefined && this.#fallbackReason === undefined && !this.#res.destroyed;
  }

  #fallBack(reason: Fault): void {
    this.#fallbackReason = reason;
    this.#try(this.#plan.fallback!);
  }

  #answerFault(fault: Fault): void {
    if (fault === 'client-left' || fault === 'server-error' || this.#res.destroyed) return;
    const { type, detail, options } = ANSWER_TO_FAULT[fault];
    const headers = this.#fallbackReason ? { 'x-edge-fallback': this.#fallbackReason } : {};
    answerProblem(this.#res, { type, detail, options: { ...options, headers } }, this.#plan);
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

function unavailable(how: string): OwnAnswer {
  return { type: 'dependency-unavailable', detail: `The server behind ${how}` };
}
