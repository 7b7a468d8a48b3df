import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { CallOutcome, CallPermit } from '../domain/upstream-health.ts';
import type { Connection } from './connection-pool.ts';
import { faultOf, isEvidence } from './fault.ts';
import type { CallFault } from './fault.ts';
import type { Upstream } from './upstream.ts';

export type UpstreamRequest = {
  method: string;
  /** Path and query, as the client sent them. */
  path: string;
  /** Names and values in turn. */
  headers: string[];
  body: Readable | null;
};

export type CallTerms = {
  /** Of `performance.now()`: when whoever makes the call decided to. */
  startedAt: number;
  timeoutMs: number;
  /** What it is when no answer comes in that time. */
  late: 'first-byte-timeout' | 'deadline';
  /** Whether the upstream had a fair share of the request's deadline. */
  isFair: boolean;
  /** Whether somebody else is asked if it fails; otherwise a stale connection is tried again. */
  hasFallback: boolean;
  /** Whether the call must have a connection of its own, which no idle limit can have closed. */
  isFresh: boolean;
};

/** Names and values in turn, as they came over the wire. */
export type RawHeaders = readonly (Buffer | string)[];

/** How a call ended, for those who count: the class of its answer's status, its fault, or that nobody waited any more. */
export type CallEnd = AnswerClass | CallFault | 'abandoned';
type AnswerClass = '2xx' | '3xx' | '4xx' | '5xx';

/** Who is told of the end of each call that was sent, once: what was never sent (no permit, no place) was no call. */
export type CallWatcher = { called(upstream: Upstream, end: CallEnd, durationMs: number): void };

/** Who waits for an attempt's answer. */
export type AttemptListener = {
  /** The upstream has a connection that takes the request now. */
  sending(): void;
  /** An interim answer (1xx). */
  informed(status: number, headers: RawHeaders): void;
  /** The head of the final answer. Until it is accepted the time-out goes on. To take no part in the rest, call `discard`. */
  head(status: number, headers: RawHeaders): void;
  /** @returns false to be fed no more until `resume` */
  data(chunk: Buffer): boolean;
  /** The answer is complete. */
  end(trailers: RawHeaders): void;
  /** The time-out is over with an answer that has begun and was not accepted. */
  late(): void;
  /** The call failed, before its head or within its body. */
  failed(fault: CallFault): void;
};

/** So much of an answer that nobody wants is read, for so long, to keep its connection; beyond that the connection is closed. */
const DISCARD_LIMIT_BYTES = 65_536;
const DISCARD_LIMIT_MS = 1000;
const NOTHING: RawHeaders = [];

/**
 * One call to an upstream: undici does HTTP, this keeps the time-out, the bound on calls in flight, the evidence for the
 * breakers, and the promise that the listener hears nothing after `failed`, `end`, `discard` or `abort`.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #upstream: Upstream;
  readonly #permit: CallPermit;
  readonly #watcher: CallWatcher;
  #listener: AttemptListener | undefined;
  #connection: Connection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #status = 0;
  #isFair = true;
  #hasFallback = false;
  #wasSent = false;
  #wasReused = false;
  #isWatched = true;
  #isAccepted = false;
  #abortReason: Error | undefined;
  #discardedBytes = 0;
  /** Undefined before the call is sent, and once its end was told. */
  #startedAt: number | undefined;

  /** @param permit of the upstream's health for this call, which this gives back */
  constructor(upstream: Upstream, permit: CallPermit, listener: AttemptListener & CallWatcher) {
    this.#upstream = upstream;
    this.#permit = permit;
    this.#listener = listener;
    this.#watcher = listener;
  }

  /** Whether it got as far as a connection. */
  get wasSent(): boolean {
    return this.#wasSent;
  }

  /** Whether an upstream that closes idle connections may have closed this one just when it was used. */
  get wasReused(): boolean {
    return this.#wasReused;
  }

  start(request: UpstreamRequest, terms: CallTerms): void {
    const { startedAt, timeoutMs, late, isFair, hasFallback, isFresh } = terms;
    this.#isFair = isFair;
    this.#hasFallback = hasFallback;
    this.#connection = this.#upstream.enter({ isFresh });
    if (!this.#connection) return this.#fail('overloaded');
    this.#wasSent = true;
    this.#startedAt = startedAt;
    this.#wasReused = this.#connection.isReused;
    // undici's own limit for this is good to a second or so, and ends the socket; this one ends the waiting.
    if (!this.#wasReused)
      this.#connectTimer = setTimeout(onTimeout, this.#upstream.connectTimeoutMs, this, 'connect-timeout');
    // While a client is still sending, the upstream owes nothing; it may answer all the same.
    if (request.body) request.body.once('end', () => this.#watch(timeoutMs, late));
    else this.#watch(timeoutMs, late);
    this.#connection.client.dispatch(request, this);
  }

  /** The listener passes the answer on: from now on only silence within it counts. */
  accept(now = performance.now()): void {
    this.#isAccepted = true;
    this.#stopWatching();
    this.#settle(this.#status >= 500 ? 'server-error' : 'answered', now);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The answer is not wanted; its connection is kept if its rest is short. */
  discard(): void {
    this.#listener = undefined;
    const now = performance.now();
    this.accept(now);
    this.#over(classOf(this.#status), now);
    this.#timer = setTimeout(() => this.#abort('the rest is not wanted'), DISCARD_LIMIT_MS);
    this.#controller?.resume();
  }

  /** Nobody waits any more: the upstream is told by closing the connection. */
  abort(): void {
    const now = performance.now();
    if (this.#listener && !this.#isAccepted) this.#settle('unknown', now);
    this.#listener = undefined;
    this.#over('abandoned', now);
    this.#abort('nobody waits any more');
  }

  /** What came, or did not come, is of no use; that is the upstream's fault. */
  reject(fault: CallFault): void {
    this.#fail(fault);
    this.#abort(fault);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#connectTimer);
    this.#controller = controller;
    if (this.#abortReason) controller.abort(this.#abortReason);
    else this.#listener?.sending();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const headers = controller.rawHeaders as RawHeaders;
    if (status < 200) return this.#listener?.informed(status, headers);
    this.#status = status;
    this.#listener?.head(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#listener) {
      if (!this.#listener.data(chunk)) controller.pause();
      return;
    }
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > DISCARD_LIMIT_BYTES) this.#abort('the rest is not wanted');
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#connection?.isReset) this.#fail('reset');
    // The listener may still reject what it has, now that it is whole.
    this.#listener?.end((controller.rawTrailers as RawHeaders | null) ?? NOTHING);
    const now = performance.now();
    if (this.#listener && !this.#isAccepted) this.accept(now);
    this.#over(classOf(this.#status), now);
    this.#listener = undefined;
    this.#close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#close();
    this.#fail(faultOf(error));
  }

  #watch(timeoutMs: number, late: CallFault): void {
    if (this.#isWatched) this.#timer = setTimeout(onTimeout, timeoutMs, this, late);
  }

  /** For the timers alone. */
  timedOut(fault: CallFault): void {
    if (this.#status !== 0) this.#listener?.late();
    else this.reject(fault);
  }

  #fail(fault: CallFault): void {
    const listener = this.#listener;
    if (!listener) return;
    this.#listener = undefined;
    const now = performance.now();
    this.#settle(this.#outcomeOf(fault), now);
    this.#over(fault, now);
    listener.failed(fault);
  }

  #outcomeOf(fault: CallFault): CallOutcome {
    // A kept connection that the upstream closed as idle just when it was used is nobody's failure; but where no second
    // try tells that from a server that resets, it counts.
    const isStale = fault === 'reset' && this.#wasReused && this.#status === 0 && !this.#hasFallback;
    if (fault === 'deadline' && this.#isFair) return 'too-late';
    return isEvidence(fault) && !isStale ? 'no-answer' : 'unknown';
  }

  /** An answer that was accepted and then broke off counts twice: once as an answer, once as none. */
  #settle(outcome: CallOutcome, now: number): void {
    this.#upstream.health.settle(this.#permit, outcome, now);
  }

  #over(end: CallEnd, now: number): void {
    if (this.#startedAt === undefined) return;
    this.#watcher.called(this.#upstream, end, now - this.#startedAt);
    this.#startedAt = undefined;
  }

  /** Before undici has a connection for the call there is no controller; `onRequestStart` makes up for it. */
  #abort(reason: string): void {
    this.#stopWatching();
    this.#abortReason = new Error(reason);
    this.#controller?.abort(this.#abortReason);
  }

  #close(): void {
    this.#stopWatching();
    if (this.#connection) this.#upstream.leave(this.#connection);
    this.#connection = undefined;
  }

  #stopWatching(): void {
    this.#isWatched = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#connectTimer);
  }
}

const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const satisfies readonly AnswerClass[];

/** @param status of a final answer that was accepted: 200 to 599 */
function classOf(status: number): AnswerClass {
  return CLASSES[Math.trunc(status / 100) - 2] ?? '5xx';
}

function onTimeout(attempt: Attempt, fault: CallFault): void {
  attempt.timedOut(fault);
}
