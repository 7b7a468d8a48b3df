import { Client } from 'undici';

/** A keep-alive connection to an upstream; it comes back by itself when it is used after it was closed. */
export type Connection = {
  readonly client: Client;
  /** Whether it has carried a call before: only then may the upstream have closed it as idle just when it was used. */
  isReused: boolean;
};

/**
 * Connections to one origin, one call at a time on each, the one that was used last first: few stay warm, and the others
 * reach their idle limit. As many as there ever were calls at the same time; the caller bounds those.
 */
export class ConnectionPool {
  readonly #origin: URL;
  readonly #options: Client.Options;
  readonly #idle: Connection[] = [];
  readonly #all: Client[] = [];

  constructor(origin: URL, options: Client.Options) {
    this.#origin = origin;
    this.#options = options;
  }

  take(): Connection {
    return this.#idle.pop() ?? this.#open();
  }

  giveBack(connection: Connection): void {
    connection.isReused = true;
    this.#idle.push(connection);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async (client) => await client.destroy()));
  }

  #open(): Connection {
    const client = new Client(this.#origin, { ...this.#options, pipelining: 1, allowH2: false });
    const connection: Connection = { client, isReused: false };
    client.on('disconnect', () => (connection.isReused = false));
    this.#all.push(client);
    return connection;
  }
}
