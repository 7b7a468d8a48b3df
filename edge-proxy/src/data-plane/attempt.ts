import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { faultOf } from './fault.ts';
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

/** Names and values in turn, as they came over the wire. */
export type RawHeaders = readonly (Buffer | string)[];

/** Who waits for an attempt's answer. Of `head` and `failed` the first that comes is the first thing that comes. */
export type AttemptListener = {
  /** The head of the final answer. To take no part in the rest, call `discard`. */
  head(status: number, headers: RawHeaders): void;
  /** @returns false to be fed no more until `resume` */
  data(chunk: Buffer): boolean;
  end(): void;
  /** The call failed, before its head or within its body. */
  failed(fault: CallFault): void;
};

/** So much of an answer that nobody wants is read, for so long, to keep its connection; beyond that the connection is closed. */
const DISCARD_LIMIT_BYTES = 65_536;
const DISCARD_LIMIT_MS = 1000;

/**
 * One call to an upstream: undici does HTTP, this keeps the first-byte time-out, the bound on calls in flight, and the
 * promise that the listener hears nothing after `failed`, `end`, `discard` or `abort`.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #upstream: Upstream;
  #listener: AttemptListener | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #awaitsHead = true;
  #abortReason: Error | undefined;
  #discardedBytes = 0;

  constructor(upstream: Upstream, listener: AttemptListener) {
    this.#upstream = upstream;
    this.#listener = listener;
  }

  start(request: UpstreamRequest, firstByteTimeoutMs: number): void {
    if (!this.#upstream.enter()) return this.#fail('overloaded');
    const expectFirstByte = () => {
      if (!this.#awaitsHead) return;
      this.#timer = setTimeout(() => {
        this.#fail('first-byte-timeout');
        this.#abort('no first byte in time');
      }, firstByteTimeoutMs);
    };
    // While a client is still sending, the upstream owes nothing; it may answer all the same.
    if (request.body) request.body.once('end', expectFirstByte);
    else expectFirstByte();
    this.#upstream.pool.dispatch(request, this);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The answer is not wanted; its connection is kept if its rest is short. */
  discard(): void {
    this.#listener = undefined;
    this.#timer = setTimeout(() => this.#abort('the rest is not wanted'), DISCARD_LIMIT_MS);
    this.#controller?.resume();
  }

  /** The caller has gone: the upstream is told by closing the connection. */
  abort(): void {
    this.#listener = undefined;
    this.#abort('the client left');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortReason) controller.abort(this.#abortReason);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#stopWaiting();
    this.#listener?.head(status, controller.rawHeaders as RawHeaders);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#listener) {
      if (!this.#listener.data(chunk)) controller.pause();
      return;
    }
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > DISCARD_LIMIT_BYTES) this.#abort('the rest is not wanted');
  }

  onResponseEnd(): void {
    this.#close();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#close();
    this.#fail(faultOf(error));
  }

  #fail(fault: CallFault): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.failed(fault);
  }

  /** Before undici has a connection for the call there is no controller; `onRequestStart` makes up for it. */
  #abort(reason: string): void {
    this.#stopWaiting();
    this.#abortReason = new Error(reason);
    this.#controller?.abort(this.#abortReason);
  }

  #close(): void {
    this.#stopWaiting();
    this.#upstream.leave();
  }

  #stopWaiting(): void {
    this.#awaitsHead = false;
    clearTimeout(this.#timer);
  }
}
