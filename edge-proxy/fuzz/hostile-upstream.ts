import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { UpstreamScript } from './fuzz-case.ts';
import { readRequest } from './strict-request.ts';
import type { StrictRequest } from './strict-request.ts';

/** A request as an upstream got it from the edge. */
export type Arrival = {
  request: StrictRequest;
  /** The exact bytes, from its start line on. */
  bytes: string;
  upstream: string;
};

/** Who decides what upstreams answer, and hears of everything that arrives. */
export type UpstreamDirector = {
  /** The head is there; the answer is sent now if it is early, else once the body is whole. */
  answer: (arrival: Arrival) => UpstreamScript;
  /** The head is there, too late to be answered. */
  noAnswer: (arrival: Arrival) => UpstreamScript;
  /** The request is over: whole, or cut by the end of its connection; `script` is what `answer` gave for it. */
  arrived: (arrival: Arrival, script: UpstreamScript) => void;
  /** What no sound sender sends. */
  unsound: (what: { why: string; bytes: string; upstream: string }) => void;
};

export type HostileUpstream = { name: string; url: string; closeConnections: () => void; close: () => Promise<void> };

/** A server on the bare socket: takes whatever comes, judges none of it, sends whatever it is told to. */
export async function startHostileUpstream(name: string, director: UpstreamDirector): Promise<HostileUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    new Connection(name, socket, director).start();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closeConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    closeConnections,
    close: async () => {
      closeConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection of the edge: reads requests one after another and plays the script of each. */
class Connection {
  readonly #upstream: string;
  readonly #socket: Socket;
  readonly #director: UpstreamDirector;
  #text = '';
  #script: UpstreamScript | undefined;
  #isPlaying = false;
  #hasEnded = false;
  #isTunnel = false;

  constructor(upstream: string, socket: Socket, director: UpstreamDirector) {
    this.#upstream = upstream;
    this.#socket = socket;
    this.#director = director;
  }

  start(): void {
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.#isTunnel) return;
      this.#text += chunk.toString('latin1');
      if (!this.#isPlaying) this.#read();
    });
    this.#socket.once('close', () => this.#closed());
  }

  #read(): void {
    if (this.#text === '') return;
    const upstream = this.#upstream;
    const { kind, request, why } = readRequest(this.#text, 0);
    if (kind === 'bad') {
      this.#director.unsound({ why, bytes: this.#text, upstream });
      this.#text = '';
      return void this.#socket.destroy();
    }
    if (!request) return;
    const arrival = { request, bytes: this.#text.slice(0, request.end), upstream };
    const isNew = this.#script === undefined;
    const script = (this.#script ??= this.#scriptFor(arrival));
    if (isNew && !request.isWhole && request.fields.some(([name]) => name === 'expect')) {
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    if (kind === 'whole') {
      this.#text = this.#text.slice(request.end);
      this.#director.arrived(arrival, script);
      if (this.#hasEnded || (!isNew && script.isEarly)) return this.#next();
      void this.#play(script).then(() => this.#next());
    } else if (isNew && script.isEarly && !this.#hasEnded) {
      void this.#play(script).then(() => this.#read());
    }
  }

  #next(): void {
    this.#script = undefined;
    this.#read();
  }

  async #play({ writes, bytes, ending }: UpstreamScript): Promise<void> {
    this.#isPlaying = true;
    if (bytes.startsWith('HTTP/1.1 101')) this.#isTunnel = true;
    for (const write of writes) {
      if (this.#socket.destroyed || this.#socket.writableEnded) break;
      this.#socket.write(write.bytes, 'latin1');
      if (write.pauseMs > 0) await pause(write.pauseMs);
    }
    this.#isPlaying = false;
    if (ending === 'reset') this.#socket.resetAndDestroy();
    else if (ending === 'fin' || this.#isTunnel) this.#socket.end();
    else return;
    this.#hasEnded = true;
  }

  /** What was sent just before the end was heard of arrives, and gets no answer. */
  #scriptFor(arrival: Arrival): UpstreamScript {
    return this.#hasEnded ? this.#director.noAnswer(arrival) : this.#director.answer(arrival);
  }

  /** A request that was cut is heard of too: its head, and what came of its body, must be the client's. */
  #closed(): void {
    const { kind, request } = readRequest(this.#text, 0);
    if (!request || kind === 'bad') return;
    const arrival = { request, bytes: this.#text, upstream: this.#upstream };
    this.#director.arrived(arrival, this.#script ?? this.#director.noAnswer(arrival));
  }
}
