import { EDGE_FALLBACK } from '@fit/contracts/headers';
import type { FallbackBudget } from '../domain/fallback-budget.ts';
import { isServerError } from '../domain/fallback.ts';
import type { BreakerName, CallPermit } from '../domain/upstream-health.ts';
import type { AnswerCopy } from './answer-copy.ts';
import { Attempt } from './attempt.ts';
import type { AttemptListener, CallEnd, CallWatcher, RawHeaders } from './attempt.ts';
import type { ClientResponse, ResponseWatcher } from './client-response.ts';
import type { CallFault, ClientFault, EndFault, FallbackReason, Withheld } from './fault.ts';
import { HalfClosedClient } from './half-closed-client.ts';
import { HeldAnswer } from './held-answer.ts';
import { answerProblem, faultProblem, requestTimeout, retiredFaultProblem } from './own-answer.ts';
import { headersFor } from './request-head.ts';
import type { RequestHead } from './request-head.ts';
import { answerTrailers, interimHeaders, isFinalStatus, responseHeaders } from './response-head.ts';
import type { Route } from './routing.ts';
import type { CallTrace, RequestTrace } from './tracing.ts';
import type { Upload, UploadStall } from './upload.ts';
import type { Upstream } from './upstream.ts';

/** What is to be done for one request, decided before anything is sent. */
export type ForwardPlan = {
  /** Undefined for what no route takes. */
  route: Route | undefined;
  /** When the request came; of `performance.now()`. */
  startedAt: number;
  method: string;
  head: RequestHead;
  upload: Upload | undefined;
  /** For everything up to the answer's first byte to the client. */
  deadlineMs: number;
  first: Upstream;
  /** The breaker of the first that is asked. */
  gate: BreakerName;
  /** Answers instead if the first fails before a byte went to the client. */
  fallback: { upstream: Upstream; budget: FallbackBudget } | undefined;
  /** Whether it may be sent twice: what had no effect, without a body. */
  isRepeatable: boolean;
  /** Gets what the client gets. */
  copy: AnswerCopy | undefined;
  /** Whether there is deliberately no other server: what the first fails at is not available. */
  isRetired: boolean;
  called: CallCounter;
  /** Undefined where nobody traces. */
  trace: RequestTrace | undefined;
};

/** Is told of each call to an upstream, the first, a second try and a fallback alike, when it is over. */
export type CallCounter = (route: Route | undefined, upstream: Upstream, end: CallEnd, durationMs: number) => void;

/** How a request ended, for those who count. */
export type Outcome = {
  /** What the client got; undefined if it left before. */
  status: number | undefined;
  /** Whose answer the client got; undefined if it was the edge's own. */
  servedBy: Upstream | undefined;
  /** Who made that answer by its own words, `X-Served-By`; undefined if it does not say. */
  madeBy: string | undefined;
  /** What made the fallback necessary. */
  fallback: FallbackReason | undefined;
  withheld: Withheld | undefined;
  /** What the client met in the end. */
  fault: EndFault | undefined;
  durationMs: number;
  /** Of that, waiting for upstreams: all calls together. */
  upstreamMs: number;
  /** Of the bodies as they were passed on, framing apart; an answer of the edge's own is none. */
  requestBytes: number;
  responseBytes: number;
};

/** An upstream that sends more interim answers (1xx) to one request than this is out of order. */
const MOST_INTERIMS = 32;

/** Of a request's deadline: an upstream that had less is not to blame. */
const FAIR_SHARE = 0.4;

/** One request of a client: its attempts, and the answer as it comes back. */
export class Exchange implements AttemptListener, CallWatcher, ResponseWatcher {
  readonly #res: ClientResponse;
  readonly #plan: ForwardPlan;
  readonly #onEnd: (outcome: Outcome) => void;
  #upstream: Upstream;
  #attempt: Attempt | undefined;
  #trace: CallTrace | undefined;
  /** An answer that is kept back until it is complete: what may yet fall back. */
  #held: HeldAnswer | undefined;
  #fallbackReason: FallbackReason | undefined;
  #withheld: Withheld | undefined;
  #fault: EndFault | undefined;
  #madeBy: string | undefined;
  #halfClosed: HalfClosedClient | undefined;
  #interims = 0;
  #upstreamMs = 0;
  #responseBytes = 0;
  #hasEnded = false;

  constructor(res: ClientResponse, plan: ForwardPlan, onEnd: (outcome: Outcome) => void) {
    this.#res = res;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#upstream = plan.first;
  }

  start(): void {
    const { first, gate, startedAt } = this.#plan;
    this.#res.exchange = this;
    this.#try(first, gate, startedAt);
  }

  // The attempt's side.

  sending(): void {
    this.#plan.upload?.start();
  }

  informed(status: number, raw: RawHeaders): void {
    if (++this.#interims > MOST_INTERIMS) return this.#attempt!.reject('malformed');
    if (!this.#plan.head.isHttp11 || !this.#res.isItsTurn || this.#res.headersSent) return;
    // A client that does not read misses what is only informational.
    if (this.#res.writableNeedDrain) return;
    try {
      this.#res.writeInformation(status, interimHeaders(raw));
    } catch {
      // What Node does not let through as a header is no loss in an answer that is only informational.
    }
  }

  head(status: number, raw: RawHeaders): void {
    if (!isFinalStatus(status)) return this.#attempt!.reject('malformed');
    this.#trace?.answered(status);
    if (isServerError(status) && this.#fallBack('server-error')) return;
    const answer = responseHeaders(status, raw, {
      requestId: this.#plan.head.requestId,
      fallback: this.#fallbackReason,
    });
    if (answer === undefined) return this.#attempt!.reject('malformed');
    this.#madeBy = answer.madeBy;
    this.#plan.copy?.begin(status, raw);
    const held = this.#canFallBack() && !isServerError(status) ? HeldAnswer.of(status, answer) : undefined;
    if (held) this.#held = held;
    else if (this.#sendHead(status, answer.headers)) this.#attempt!.accept();
  }

  data(chunk: Buffer): boolean {
    this.#plan.copy?.add(chunk);
    if (!this.#held) return this.#send(chunk);
    if (this.#held.add(chunk)) return true;
    return this.#release();
  }

  end(trailers: RawHeaders): void {
    const held = this.#held;
    if (held) {
      this.#held = undefined;
      if (!this.#sendHead(held.status, held.headers)) return;
    }
    this.#plan.copy?.end();
    if (trailers.length > 0 && this.#plan.head.takesTrailers) this.#addTrailers(trailers);
    const body = held?.body;
    if (body) this.#responseBytes += body.length;
    // Text goes out in one write with the head; a buffer would be a second one.
    this.#res.end(body?.toString('latin1'), 'latin1');
  }

  late(): void {
    if (this.#held?.isSized) this.#attempt!.reject('body-timeout');
    else this.#release();
  }

  failed(fault: CallFault): void {
    this.#trace?.ended(fault);
    this.#held = undefined;
    if (this.#res.headersSent) return this.#cut(fault);
    if (fault === 'reset' && this.#canRetry()) return this.#retry();
    if (this.#canFallBack() && fault !== 'invalid-request' && this.#fallBack(fault)) return;
    this.#fault = fault;
    this.#answerFault(fault);
  }

  called(upstream: Upstream, end: CallEnd, durationMs: number): void {
    this.#trace?.ended(end);
    this.#upstreamMs += durationMs;
    this.#plan.called(this.#plan.route, upstream, end, durationMs);
  }

  // The client's side.

  halfClosed(): void {
    this.#halfClosed = new HalfClosedClient(this.#res, this.#plan.head);
  }

  giveUp(fault: ClientFault): void {
    this.#fault = fault;
    this.#attempt?.abort();
  }

  /** The request's body does not go on. */
  stalled(stall: UploadStall): void {
    if (stall === 'send-timeout') return this.#attempt!.reject(stall);
    this.giveUp(stall);
    if (this.#res.headersSent) this.#res.cut();
    else answerProblem(this.#res, requestTimeout(), this.#plan.head);
  }

  /** The response is over, whole or not. */
  closed(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#halfClosed?.stop();
    const res = this.#res;
    const left = !res.writableFinished && this.#fault === undefined;
    if (left) this.#attempt?.abort();
    const isOwn = this.#fault !== undefined && res.writableFinished;
    this.#onEnd({
      status: res.headersSent ? res.statusCode : undefined,
      servedBy: isOwn || !res.headersSent ? undefined : this.#upstream,
      madeBy: isOwn ? undefined : this.#madeBy,
      fallback: this.#fallbackReason,
      withheld: this.#withheld,
      fault: left ? 'client-left' : this.#fault,
      durationMs: performance.now() - this.#plan.startedAt,
      upstreamMs: this.#upstreamMs,
      requestBytes: this.#plan.upload?.bytes ?? 0,
      responseBytes: this.#responseBytes,
    });
  }

  #try(upstream: Upstream, gate: BreakerName, now: number): void {
    const permit = upstream.health.admit(gate, now, { isUpload: this.#plan.upload !== undefined });
    if (!permit) return this.failed('breaker-open');
    this.#call(upstream, permit, now);
  }

  #call(upstream: Upstream, permit: CallPermit, now: number): void {
    const { method, head, upload } = this.#plan;
    const isSecond = this.#attempt?.wasSent === true;
    const leftMs = this.#leftMs(now);
    this.#trace = this.#traceOf(upstream);
    this.#upstream = upstream;
    this.#attempt = new Attempt(upstream, permit, this);
    const isShort = leftMs < upstream.firstByteTimeoutMs;
    const timeoutMs = isShort ? Math.max(1, Math.floor(leftMs)) : upstream.firstByteTimeoutMs;
    const headers = headersFor(head, upstream.origin.host, timeoutMs, this.#trace?.headers);
    const late = isShort && this.#isLast ? 'deadline' : 'first-byte-timeout';
    const request = { method, path: head.target, headers, body: upload?.body ?? null };
    const isFair = timeoutMs >= FAIR_SHARE * this.#plan.deadlineMs;
    const hasFallback = !this.#isLast;
    this.#attempt.start(request, { startedAt: now, timeoutMs, late, isFair, hasFallback, isFresh: isSecond });
  }

  #traceOf(upstream: Upstream): CallTrace | undefined {
    const { trace, method } = this.#plan;
    if (!trace) return undefined;
    const reason = this.#fallbackReason;
    const isAnother = reason !== undefined && upstream !== this.#upstream;
    const kind = isAnother ? 'fallback' : this.#attempt ? 'retry' : 'first';
    return trace.call({ method, upstream, kind, reason });
  }

  /** Whether nothing comes after the call that is made now. */
  get #isLast(): boolean {
    return this.#plan.fallback === undefined || this.#fallbackReason !== undefined;
  }

  /** A first that hangs leaves its fallback half of the time. */
  #leftMs(now: number): number {
    const { deadlineMs, startedAt } = this.#plan;
    if (!this.#isLast) return deadlineMs / 2;
    return this.#attempt === undefined ? deadlineMs : deadlineMs - (now - startedAt);
  }

  /**
   * A kept connection that the upstream closes at its idle limit just as a request is sent on it is nobody's failure (RFC
   * 9110, section 9.2.2). A second call, the last that a request can have, gets a fresh one.
   */
  #canRetry(): boolean {
    return this.#plan.isRepeatable && this.#isLast && this.#attempt!.wasReused && !this.#res.destroyed;
  }

  #retry(): void {
    this.#try(this.#upstream, this.#fallbackReason ? 'answers' : this.#plan.gate, performance.now());
  }

  #canFallBack(): boolean {
    return this.#plan.fallback !== undefined && this.#fallbackReason === undefined && !this.#res.destroyed;
  }

  /** @returns false if it is not possible, or withheld: then the first's answer or fault is what the client gets */
  #fallBack(reason: FallbackReason): boolean {
    if (!this.#canFallBack()) return false;
    const { upstream, budget } = this.#plan.fallback!;
    const now = performance.now();
    if (reason === 'overloaded' && !budget.withdraw(now)) return this.#withhold('budget-spent');
    const permit = upstream.health.admit('answers', now);
    if (!permit) return this.#withhold('breaker-open');
    if (reason === 'server-error') this.#attempt!.discard();
    this.#fallbackReason = reason;
    this.#call(upstream, permit, now);
    return true;
  }

  #withhold(why: Withheld): false {
    this.#withheld = why;
    return false;
  }

  /** What was held back begins to stream. */
  #release(): boolean {
    const { status, headers, body } = this.#held!;
    this.#held = undefined;
    if (!this.#sendHead(status, headers)) return false;
    this.#attempt!.accept();
    return body === undefined || this.#send(body);
  }

  #sendHead(status: number, headers: string[]): boolean {
    try {
      this.#res.begin(status, headers);
      this.#halfClosed?.answerBegan();
      this.#plan.upload?.answerBegan();
      return true;
    } catch {
      // Node refuses what no client may see, such as a forbidden byte in a value.
      this.#attempt!.reject('malformed');
      return false;
    }
  }

  #send(chunk: Buffer): boolean {
    this.#halfClosed?.answerGoesOn();
    this.#responseBytes += chunk.length;
    if (this.#res.write(chunk)) return true;
    if (this.#res.listenerCount('drain') === 0) this.#res.once('drain', () => this.#attempt?.resume());
    return false;
  }

  #addTrailers(raw: RawHeaders): void {
    try {
      this.#res.addTrailers(answerTrailers(raw));
    } catch {
      // As for interim answers.
    }
  }

  /** The client must see that the answer is cut: no terminator, no text of ours, and no clean end where the end is all there is. */
  #cut(fault: CallFault): void {
    this.#fault = fault;
    if (this.#plan.head.isHttp11) this.#res.cut();
    else this.#res.cut((socket) => (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()));
  }

  #answerFault(fault: CallFault): void {
    if (this.#res.destroyed) return;
    const headers: Record<string, string> = this.#fallbackReason ? { [EDGE_FALLBACK]: this.#fallbackReason } : {};
    const problem = this.#plan.isRetired ? retiredFaultProblem(fault) : faultProblem(fault, headers);
    answerProblem(this.#res, problem, this.#plan.head);
  }
}
