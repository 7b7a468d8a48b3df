import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import type { Dispatcher } from 'undici';

export type LoadOptions = {
  /** Clients that GET, and clients that POST; each has one kept connection. */
  readers: number;
  writers: number;
  /** What each waits on average between an answer and its next request. */
  pauseMs: number;
};

/** Clients that go on asking until they are stopped. */
export type Load = AsyncDisposable & {
  /** Resolves once so many more requests were answered. */
  answered: (count: number) => Promise<void>;
  /** From now on a client asks again if its kept connection ends before anything of the answer has come. */
  allowIdleConnectionsToClose: () => void;
  /** Whatever was not a 200 with its whole body, and the body of every POST. */
  stop: () => Promise<{ faults: unknown[]; posted: string[]; answers: number; askedAgain: number }>;
};

/** A longer wait for an answer, or for the answers that a test waits for, is a fault. */
const PATIENCE_MS = 20_000;

export function startLoad(origin: string, { readers, writers, pauseMs }: LoadOptions): Load {
  const faults: unknown[] = [];
  const posted: string[] = [];
  const seen = { answers: 0, askedAgain: 0 };
  const stopping = new AbortController();
  let mayAskAgain = false;

  const ask = async (client: Client, request: Dispatcher.RequestOptions): Promise<void> => {
    const { statusCode, body, headers } = await client.request(request);
    const text = await body.text();
    if (statusCode !== 200) faults.push({ at: seen.answers, method: request.method, statusCode, headers, text });
    seen.answers++;
  };
  const askOnce = async (client: Client, request: Dispatcher.RequestOptions): Promise<void> => {
    const startedAt = performance.now();
    try {
      await ask(client, request);
    } catch (error) {
      if (mayAskAgain && isClosedConnection(error)) {
        seen.askedAgain++;
        return await ask(client, request);
      }
      throw error;
    } finally {
      const tookMs = performance.now() - startedAt;
      if (tookMs > PATIENCE_MS) faults.push({ at: seen.answers, method: request.method, tookMs });
    }
  };
  const run = async (id: number, requestOf: (count: number) => Dispatcher.RequestOptions) => {
    const client = new Client(origin, { pipelining: 1 });
    for (let count = 0; !stopping.signal.aborted; count++) {
      const request = requestOf(count);
      await askOnce(client, request).catch((error: unknown) =>
        faults.push({ at: seen.answers, method: request.method, error }),
      );
      // Spread, and the same in every run: no two ask in step.
      await delay(pauseMs * (0.5 + ((id * 7 + count * 3) % 11) / 11));
    }
    await client.close();
  };
  const write = (id: number, count: number): Dispatcher.RequestOptions => {
    const body = `post ${id}-${count}`;
    posted.push(body);
    return { path: '/fitness/workouts', method: 'POST', body };
  };
  const clients = [
    ...Array.from({ length: readers }, (_, id) => run(id, () => ({ path: '/fitness/wod', method: 'GET' }))),
    ...Array.from({ length: writers }, (_, id) => run(readers + id, (count) => write(id, count))),
  ];
  const stop = async () => {
    stopping.abort();
    await Promise.all(clients);
    return { faults, posted, ...seen };
  };
  return {
    answered: async (count) => {
      const [enough, until] = [seen.answers + count, performance.now() + PATIENCE_MS];
      while (seen.answers < enough && performance.now() < until) await delay(10);
      if (seen.answers < enough)
        faults.push(`only ${count - enough + seen.answers} of ${count} requests were answered in time`);
    },
    allowIdleConnectionsToClose: () => (mayAskAgain = true),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

function isClosedConnection(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
