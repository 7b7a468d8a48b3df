import { ProblemError } from '@fit/service-kit/problem';
import type { Response } from 'express';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { StateEvent } from './schemas.ts';

export type EventStreamsOptions = {
  subscribe: RouteControl['subscribe'];
  /** The event of this moment. */
  event: () => StateEvent;
  /** Ends every stream, and lets no new one begin. */
  draining: AbortSignal;
};

const MAX_STREAMS = 64;
/** Changes that come faster are told together. */
const MIN_INTERVAL_MS = 50;
/** What a client may leave unread. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** The longest that a timer can wait; whoever is cut off then comes back. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Nginx would keep events back otherwise.
  'x-accel-buffering': 'no',
};

/** The state of everything, told to all who look on: one event is made for all of them. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new Set<Response>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #toldAt = -Infinity;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    options.draining.addEventListener('abort', () => {
      for (const res of this.#open) res.end();
    });
  }

  /**
   * Begins a stream with the event of this moment.
   *
   * @param lifetimeMs ends it then; Infinity: never
   * @throws ProblemError 503 beyond 64 streams, and while the process ends
   */
  open(res: Response, lifetimeMs: number): void {
    if (this.#options.draining.aborted) throw new ProblemError('not-ready', 'The edge is about to stop');
    if (this.#open.size >= MAX_STREAMS) {
      throw new ProblemError('overloaded', `${MAX_STREAMS} streams are open, which is as many as there may be`);
    }
    // Who left while his token was verified.
    if (res.closed) return;
    const first = encoded(this.#options.event());
    res.status(200).set(HEADERS);
    if (res.req.method === 'HEAD') return void res.end();
    res.flushHeaders();
    this.#add(res, lifetimeMs);
    res.write(first);
  }

  #add(res: Response, lifetimeMs: number): void {
    const timer = setTimeout(() => res.end(), Math.min(Math.max(0, lifetimeMs), MAX_TIMER_MS));
    this.#open.add(res);
    res.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(res);
      if (this.#open.size === 0) this.#rest();
    });
    this.#unsubscribe ??= this.#options.subscribe(() => this.#tellSoon());
  }

  #tellSoon(): void {
    const waitMs = Math.max(0, this.#toldAt + MIN_INTERVAL_MS - performance.now());
    this.#timer ??= setTimeout(() => this.#tell(), waitMs);
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAt = performance.now();
    const event = encoded(this.#options.event());
    for (const res of this.#open) {
      if (res.writableLength > MAX_UNREAD_BYTES) res.destroy();
      else if (!res.writableEnded) res.write(event);
    }
  }

  #rest(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** JSON has no line break that is not escaped. */
function encoded(event: StateEvent): string {
  return `event: state\ndata: ${JSON.stringify(event)}\n\n`;
}
