import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { framingOf, readBody, readHead } from './raw-message.ts';
import type { Field, Head } from './raw-message.ts';
import { Watch, shown } from './watch.ts';

/** A request as a lenient server finds it in the bytes. */
export class SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: Field[];
  readonly start: string;
  readonly connection: UpstreamConnection;
  /** As much of the body as has come. */
  body = '';
  trailers: Field[] = [];
  isWhole = false;

  constructor({ start, fields }: Head, connection: UpstreamConnection) {
    const [method = '', target = '', version = ''] = start.split(' ');
    this.method = method;
    this.target = target;
    this.version = version;
    this.start = start;
    this.fields = fields;
    this.connection = connection;
  }

  /** Every byte that its connection brought from its head on. */
  get bytes(): string {
    return this.connection.received.slice(this.connection.startOf(this));
  }

  /** Resolves once all of it has come. */
  async whole(): Promise<void> {
    await this.connection.until(() => this.isWhole, `end of the request ${this.target}`);
  }
}

/** Answered with itself whatever `reply` does. */
export const HEALTHY = '/healthy';

/** What the server does with a request, called when its head has come. */
export type Reply = (request: SeenRequest) => void | Promise<void>;

/** One connection that the edge opened, with every byte that came over it. */
export class UpstreamConnection {
  received = '';
  readonly requests: SeenRequest[] = [];
  /** The edge has ended its half, or all of it. */
  hasEnded = false;
  isClosed = false;
  readonly socket: Socket;
  readonly #watch: Watch;
  readonly #starts = new Map<SeenRequest, number>();
  #at = 0;

  constructor(socket: Socket, watch: Watch) {
    this.socket = socket;
    this.#watch = watch;
  }

  write(bytes: string): this {
    this.socket.write(bytes, 'latin1');
    return this;
  }

  /** Sends what is given, then FIN. */
  end(bytes = ''): void {
    this.socket.end(bytes, 'latin1');
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  async until(holds: () => boolean, what: string, limitMs?: number): Promise<void> {
    await this.#watch.until(holds, () => `no ${what}; the upstream received ${shown(this.received)}`, limitMs);
  }

  /** Resolves once the edge has gone. */
  async left(limitMs?: number): Promise<void> {
    await this.until(() => this.hasEnded || this.isClosed, 'end of the connection', limitMs);
  }

  startOf(request: SeenRequest): number {
    return this.#starts.get(request) ?? 0;
  }

  /** @returns requests whose head came with this chunk */
  take(chunk: string): SeenRequest[] {
    this.received += chunk;
    const begun: SeenRequest[] = [];
    for (;;) {
      const last = this.requests.at(-1);
      if (last && !last.isWhole) {
        if (!this.#readBody(last)) return begun;
        continue;
      }
      const head = readHead(this.received.slice(this.#at));
      if (!head) return begun;
      const request = new SeenRequest(head, this);
      this.#starts.set(request, this.#at);
      this.#at += head.size;
      this.requests.push(request);
      begun.push(request);
    }
  }

  #readBody(request: SeenRequest): boolean {
    const framing = framingOf({ start: '', fields: request.fields, size: 0 }, { kind: 'none' });
    const { data, trailers, size, isWhole } = readBody(this.received.slice(this.#at), framing);
    Object.assign(request, { body: data, trailers, isWhole });
    if (isWhole) this.#at += size;
    return isWhole;
  }
}

/**
 * A server that does as it is told: records the exact bytes of every connection, finds requests in them as leniently as
 * it can, and answers with the bytes that `reply` writes.
 */
export class RawUpstream {
  reply: Reply = echoing;
  /** Requests and connections since the last `forget`. */
  requests: SeenRequest[] = [];
  connections: UpstreamConnection[] = [];
  /** The targets of all requests that ever came. */
  readonly everSeen = new Set<string>();
  readonly #server: Server;
  readonly #watch = new Watch();
  readonly #open = new Set<Socket>();

  constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  forget(): void {
    this.requests = [];
    this.connections = [];
    this.reply = echoing;
  }

  async until(holds: () => boolean, what: string, limitMs?: number): Promise<void> {
    const story = () => `no ${what}; the upstream saw ${shown(this.requests.map(({ target }) => target).join(' '))}`;
    await this.#watch.until(holds, story, limitMs);
  }

  /** The request to a target, once its head has come. */
  async arrived(target: string): Promise<SeenRequest> {
    const find = () => this.requests.find((request) => request.target === target);
    await this.until(() => find() !== undefined, `request to ${target}`);
    return find()!;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #serve(socket: Socket): void {
    const connection = new UpstreamConnection(socket, this.#watch);
    this.connections.push(connection);
    this.#open.add(socket);
    socket.on('data', (chunk: Buffer) => {
      for (const request of connection.take(chunk.toString('latin1'))) {
        this.requests.push(request);
        this.everSeen.add(request.target);
        // A test that has failed meanwhile says so itself.
        Promise.resolve((request.target === HEALTHY ? echoing : this.reply)(request)).catch(() => socket.destroy());
      }
      this.#watch.wake();
    });
    socket.on('end', () => {
      connection.hasEnded = true;
      this.#watch.wake();
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.isClosed = true;
      this.#open.delete(socket);
      this.#watch.wake();
    });
    this.#watch.wake();
  }
}

/** Answers each request with its own target, so that every client can tell its answer from another one's. */
export const echoing: Reply = async (request) => {
  await request.whole();
  const body = request.method === 'HEAD' ? '' : request.target;
  request.connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${request.target.length}\r\n\r\n${body}`);
};

/** Answers a whole request with given bytes, each piece in a write of its own. */
export const sending =
  (...pieces: string[]): Reply =>
  async (request) => {
    await request.whole();
    for (const piece of pieces) {
      request.connection.write(piece);
      if (pieces.length > 1) await pause(5);
    }
  };

/** The same, and closes: with FIN, or with RST once the bytes have left. */
export const sendingThen =
  (how: 'FIN' | 'RST', bytes: string): Reply =>
  async (request) => {
    await request.whole();
    if (how === 'FIN') return request.connection.end(bytes);
    request.connection.write(bytes);
    await pause(50);
    request.connection.reset();
  };

/** Lets what was written arrive by itself, before more follows. */
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
