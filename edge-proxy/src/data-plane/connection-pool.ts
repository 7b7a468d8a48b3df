import { Client, buildConnector } from 'undici';

/** A keep-alive connection to an upstream; it comes back by itself when it is used after it was closed. */
export type Connection = {
  readonly client: Client;
  /** Whether it has carried a call before: only then may the upstream have closed it as idle just when it was used. */
  isReused: boolean;
  /** Whether it is connected, as far as is known. */
  isOpen: boolean;
  /** Whether it was reset; undici takes that for the end of an answer that ends with its connection. */
  isReset: boolean;
  /** Whether it ends with its call. */
  readonly isForOnce: boolean;
};

/**
 * Connections to one origin, one call at a time on each, the one that was used last first: few stay warm, and the others
 * reach their idle limit. As many as there ever were calls at the same time; the caller bounds those.
 */
export class ConnectionPool {
  readonly #origin: URL;
  readonly #options: Client.Options;
  readonly #connector: buildConnector.connector;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Client>();
  #opened = 0;

  constructor(origin: URL, { connectTimeoutMs, ...options }: Client.Options & { connectTimeoutMs: number }) {
    this.#origin = origin;
    this.#options = options;
    this.#connector = buildConnector({ timeout: connectTimeoutMs, allowH2: false });
  }

  /** How many are connected now. */
  get open(): number {
    return this.#opened;
  }

  take(): Connection {
    return this.#idle.pop() ?? this.#open();
  }

  /** One that no idle limit can have closed; for this call alone. */
  takeFresh(): Connection {
    return this.#open({ isForOnce: true });
  }

  giveBack(connection: Connection): void {
    if (connection.isForOnce) return this.#end(connection.client);
    connection.isReused = connection.isOpen;
    this.#idle.push(connection);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(async (client) => await client.destroy()));
  }

  #end(client: Client): void {
    this.#all.delete(client);
    void client.close();
  }

  #open({ isForOnce = false } = {}): Connection {
    const connection = { isReused: false, isOpen: false, isReset: false, isForOnce };
    const connect: buildConnector.connector = (options, callback) =>
      this.#connector(options, (...[error, socket]) => {
        if (error) return callback(error, null);
        this.#opened++;
        connection.isOpen = true;
        connection.isReset = false;
        socket.once('error', () => (connection.isReset = true));
        socket.once('close', () => this.#opened--);
        callback(null, socket);
      });
    const client = new Client(this.#origin, { ...this.#options, connect, pipelining: 1, allowH2: false });
    client.on('disconnect', () => {
      connection.isOpen = false;
      connection.isReused = false;
    });
    this.#all.add(client);
    return Object.assign(connection, { client });
  }
}
