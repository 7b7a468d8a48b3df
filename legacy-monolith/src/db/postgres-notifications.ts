import type { Logger } from '@fit/service-kit/logger';
import pg from 'pg';

export type NotificationOptions = {
  url: string;
  channel: string;
  onPayload: (payload: string) => void;
  logger: Logger;
};

const RECONNECT_MS = 1000;

/**
 * Listens for `NOTIFY` on a connection of its own, and connects again when it is lost. What was sent meanwhile is
 * missed: notifications are hints, the tables are the truth.
 *
 * @returns stops listening
 */
export async function listenOnPostgres(options: NotificationOptions): Promise<() => Promise<void>> {
  const listener = new PostgresListener(options);
  await listener.connect();
  return () => listener.stop();
}

class PostgresListener {
  readonly #options: NotificationOptions;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  /** Rejects if the first connection fails; later ones are tried until they work. */
  async connect(): Promise<void> {
    const { url, channel, onPayload, logger } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      application_name: 'legacy-monolith-live',
    });
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
    client.on('error', (error) => logger.warn({ err: error }, 'the connection for live updates was lost'));
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    // Only a connection that worked is missed: one that never did has rejected already.
    client.once('end', () => this.#reconnectSoon());
    this.#client = client;
    if (this.#isStopped) await client.end();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    await this.#client?.end();
  }

  #reconnectSoon(): void {
    if (this.#isStopped) return;
    this.#retry = setTimeout(() => void this.#reconnect(), RECONNECT_MS).unref();
  }

  async #reconnect(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.connect();
      logger.info('live updates are connected again');
    } catch (error) {
      logger.warn({ err: error }, 'live updates could not be connected');
      this.#reconnectSoon();
    }
  }
}
