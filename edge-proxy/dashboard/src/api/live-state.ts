import type { StateEvent } from '@fit/edge-proxy/admin-api/schemas';
import { createEventParser } from './event-stream.ts';
import { observable } from './observable.ts';
import type { Observable } from './observable.ts';
import { NoAnswerError, RefusedError, explain } from './problem.ts';

/** States come once a second: after so long without one the connection is lost, whatever the socket says. */
const SILENCE_MS = 4000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** `retryAt` in milliseconds since the epoch. */
  | { kind: 'lost'; why: string; retryAt: number };

export type LiveState = {
  connection: Connection;
  /** The latest state that came. */
  latest: StateEvent | undefined;
  /** When it came, by this machine's clock; milliseconds since the epoch. */
  receivedAt: number | undefined;
};

export type LiveConnection = {
  state: Observable<LiveState>;
  retryNow: () => void;
  close: () => void;
};

/** How long to wait before trying again: twice as long each time, up to eight seconds, and never in step with others. */
export function waitBeforeRetryMs(failures: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return longest * (0.5 + random / 2);
}

/**
 * Keeps the stream of states open until it is closed, and tells how that goes.
 *
 * @param open the stream; rejects if the edge refuses it or cannot be reached
 */
export function connectLive(open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>): LiveConnection {
  const state = observable<LiveState>({ connection: { kind: 'connecting' }, latest: undefined, receivedAt: undefined });
  const closed = new AbortController();
  let failures = 0;
  let wake = () => {};

  function take(latest: StateEvent): void {
    failures = 0;
    state.set({ connection: { kind: 'live' }, latest, receivedAt: Date.now() });
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      const why = await readUntilLost(open, closed.signal, take);
      if (closed.signal.aborted) return;
      failures += 1;
      const waitMs = waitBeforeRetryMs(failures, Math.random());
      state.set({ ...state.get(), connection: { kind: 'lost', why, retryAt: Date.now() + waitMs } });
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, waitMs);
      });
    }
  }

  const retryNow = () => wake();
  addEventListener('online', retryNow);
  // Whoever comes back to the page does not wait.
  document.addEventListener('visibilitychange', retryNow);
  void run();
  return {
    state,
    retryNow,
    close: () => {
      closed.abort();
      removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', retryNow);
      wake();
    },
  };
}

/** @returns why it ended */
async function readUntilLost(
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>,
  closed: AbortSignal,
  take: (state: StateEvent) => void,
): Promise<string> {
  const silence = new AbortController();
  let alarm = setTimeout(() => silence.abort(), SILENCE_MS);
  const parse = createEventParser(({ event, data }) => {
    if (event === 'state') take(JSON.parse(data) as StateEvent);
  });
  const decoder = new TextDecoder();
  try {
    const stream = await open(AbortSignal.any([closed, silence.signal]));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'The edge ended the connection';
      clearTimeout(alarm);
      alarm = setTimeout(() => silence.abort(), SILENCE_MS);
      parse(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    if (silence.signal.aborted) return 'The edge has gone silent';
    return error instanceof RefusedError || error instanceof NoAnswerError ? explain(error) : 'The connection broke';
  } finally {
    clearTimeout(alarm);
    // Ends the request too, if it was what came on it that could not be read.
    silence.abort();
  }
}
