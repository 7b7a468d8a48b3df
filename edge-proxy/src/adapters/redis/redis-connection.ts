import { setTimeout as delay } from 'node:timers/promises';
import { RESP_TYPES, createClient } from 'redis';

export type RedisConnectionOptions = {
  /** `redis://` or `rediss://`. */
  url: string;
  /** For a command, for a connection, and for what makes it ready. */
  timeoutMs: number;
  /** Certificates to trust instead of those that Node.js trusts, in PEM. */
  ca?: string | undefined;
  /** Makes a new connection ready. */
  prepare?: (client: RedisClient) => Promise<unknown>;
  up: () => void;
  /** Told at each connection or attempt that failed. */
  down: (cause: Error) => void;
};

export type RedisClient = ReturnType<typeof connectionTo>;
/** Sends one command. Strings in the reply are buffers: what is in Redis may be no text. */
export type Send = (command: readonly (string | Buffer)[]) => Promise<unknown>;

/** The command had no reply in time, and may have been carried out all the same, or there is no connection. */
export class RedisUnreachableError extends Error {
  readonly code: string = 'redis-unreachable';

  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'RedisUnreachableError';
  }
}

/** There is no connection: the command was not sent. */
export class NotConnectedError extends RedisUnreachableError {
  constructor(cause: Error | undefined) {
    super('there is no connection to Redis', { cause });
    this.name = 'NotConnectedError';
  }
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1000;
/** A connection on which nothing is asked is looked at so often. */
const HEARTBEAT_MS = 1000;
/** Ends a socket that its client lost sight of while it connected; heartbeats keep all others busy. */
const LAST_RESORT_MS = 30_000;

/**
 * A connection that is made anew whenever it is lost, until it is closed. Nothing waits for one that is not there, and one
 * on which a command had no reply in time is given up: a peer that is gone without a word would be noticed by TCP only after
 * minutes.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #closing = new AbortController();
  readonly #firstAttempt = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  /** Ends the attempt or the connection that there is. */
  #lose: (cause: Error) => void = () => undefined;
  #client: RedisClient | undefined;
  #lastCause: Error | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#running = this.#keepUp();
  }

  /** Resolves when the first attempt has come to an end, good or bad. */
  async tried(): Promise<void> {
    await this.#firstAttempt.promise;
  }

  /** @throws RedisUnreachableError, the error that Redis replied, or the one that ended the connection */
  async send(command: readonly (string | Buffer)[]): Promise<unknown> {
    const client = this.#client;
    const lose = this.#lose;
    if (!client) throw new NotConnectedError(this.#lastCause);
    try {
      return await within(this.#options.timeoutMs, sender(client)(command));
    } catch (error) {
      if (endsConnection(error)) lose(error as Error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#lose(new RedisUnreachableError('the connection to Redis was closed'));
    await this.#running;
  }

  async #keepUp(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.#closing.signal.aborted;) {
      const cause = await this.#useOne(() => (pauseMs = FIRST_PAUSE_MS));
      this.#lastCause = cause;
      if (!this.#closing.signal.aborted) this.#options.down(cause);
      this.#firstAttempt.resolve();
      await delay(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** Makes a connection and keeps it until it is lost. @returns why it was */
  async #useOne(ready: () => void): Promise<Error> {
    const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
    this.#lose = lose;
    const client = connectionTo(this.#options);
    client.on('error', lose);
    const connected = client.connect();
    try {
      await Promise.race([this.#makeReady(client, connected), throwing(lost)]);
      this.#client = client;
      ready();
      this.#options.up();
      this.#firstAttempt.resolve();
      void this.#beat(lost);
      return await lost;
    } catch (error) {
      return error as Error;
    } finally {
      this.#client = undefined;
      client.destroy();
      // What is destroyed while it connects still connects.
      void connected.then(() => client.destroy()).catch(() => undefined);
    }
  }

  async #makeReady(client: RedisClient, connected: Promise<unknown>): Promise<void> {
    const { timeoutMs, prepare } = this.#options;
    // The connection itself has its own limit.
    await within(2 * timeoutMs, connected);
    if (prepare) await within(timeoutMs, prepare(client));
  }

  async #beat(lost: Promise<Error>): Promise<void> {
    const ended = new AbortController();
    void lost.then(() => ended.abort());
    while (!ended.signal.aborted) {
      await delay(HEARTBEAT_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      if (!ended.signal.aborted) await this.send(['PING']).catch(() => undefined);
    }
  }
}

function connectionTo({ url, timeoutMs, ca }: RedisConnectionOptions) {
  return createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: timeoutMs,
      socketTimeout: LAST_RESORT_MS,
      reconnectStrategy: false,
      ...(ca !== undefined && { ca }),
    },
  });
}

function sender(client: RedisClient): Send {
  return async (command) => await client.sendCommand(command, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } });
}

/** A server that became a replica takes no writes; its name may lead to another one by now. */
function endsConnection(error: unknown): boolean {
  return error instanceof RedisUnreachableError || (error instanceof Error && error.message.startsWith('READONLY'));
}

async function within<Result>(timeoutMs: number, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new RedisUnreachableError(`Redis did not answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What is given up may still fail.
    work.catch(() => undefined);
  }
}

async function throwing(lost: Promise<Error>): Promise<never> {
  throw await lost;
}
