import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { startEdgeProcess } from './edge-process.ts';
import type { EdgeProcess } from './edge-process.ts';
import { BLOCK_BYTES, NumberedBytesCheck, numberedBlock } from './numbered-bytes.ts';

/** `down`: an answer to a client that reads slowly. `up`: a request to an upstream that does. */
export type Direction = 'down' | 'up';

export type StreamOptions = {
  direction: Direction;
  /** A multiple of the block, 64 KiB. */
  bytes: number;
  /** The reader takes so many bytes, and then nothing for so long. */
  burstBytes: number;
  pauseMs: number;
};

export type StreamReport = {
  seconds: number;
  /** Resident memory of the edge above what it had before, at its highest. */
  peakBytes: number;
  /** The most that the sender was ahead of the reader: what the edge and the system held. */
  mostAheadBytes: number;
  /** How the bytes differ from those that were sent. */
  fault: string | undefined;
};

const SAMPLE_MS = 20;
/** Code and buffers that any stream needs are no growth. */
const WARM_UP = { bytes: 256 * BLOCK_BYTES, pauseMs: 0 };

/** Streams through an edge in a process of its own, with a slow reader at the end, and watches the edge's memory. */
export async function runStream(options: StreamOptions): Promise<StreamReport> {
  const passage = new Passage();
  const upstream = await startUpstream(passage);
  const { port } = upstream.address() as AddressInfo;
  const edge = await startEdgeProcess({
    upstreams: { old: { url: `http://127.0.0.1:${port}` } },
    defaultUpstream: 'old',
  });
  try {
    await passOnce(edge, passage, { ...options, ...WARM_UP });
    return await passOnce(edge, passage, options);
  } finally {
    await edge.stop();
    upstream.close();
    upstream.closeAllConnections();
  }
}

/** One stream at a time: how far its sender and its reader are. */
class Passage {
  options: StreamOptions = { direction: 'down', bytes: 0, burstBytes: BLOCK_BYTES, pauseMs: 0 };
  sent = 0;
  check = new NumberedBytesCheck();
  mostAhead = 0;

  begin(options: StreamOptions): void {
    this.options = options;
    this.sent = 0;
    this.check = new NumberedBytesCheck();
    this.mostAhead = 0;
  }

  async send(to: Writable): Promise<void> {
    await pipeline(Readable.from(this.#blocks(), { objectMode: false }), to);
  }

  *#blocks(): Generator<Buffer> {
    for (; this.sent < this.options.bytes; this.sent += BLOCK_BYTES) {
      this.mostAhead = Math.max(this.mostAhead, this.sent - this.check.received);
      yield numberedBlock(this.sent / BLOCK_BYTES);
    }
  }

  /** In bursts; resolves at the stream's end. */
  async readSlowly(from: Readable): Promise<void> {
    let burst = 0;
    for await (const chunk of from) {
      this.check.add(chunk as Buffer);
      burst += (chunk as Buffer).length;
      if (burst < this.options.burstBytes) continue;
      burst = 0;
      if (this.options.pauseMs > 0) await pause(this.options.pauseMs);
    }
  }

  get fault(): string | undefined {
    const { received, differsAt } = this.check;
    if (differsAt !== undefined) return `the bytes differ after ${differsAt}`;
    return received === this.options.bytes ? undefined : `${received} of ${this.options.bytes} bytes arrived`;
  }
}

async function startUpstream(passage: Passage): Promise<Server> {
  const server = createServer((req, res) => {
    const { direction, bytes } = passage.options;
    // A cut shows in what the reader got.
    const end = () => undefined;
    if (direction === 'down') {
      req.resume();
      res.setHeader('content-length', bytes);
      passage.send(res).catch(end);
    } else {
      passage.readSlowly(req).then(() => res.end('read'), end);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function passOnce(edge: EdgeProcess, passage: Passage, options: StreamOptions): Promise<StreamReport> {
  passage.begin(options);
  const startedAt = performance.now();
  const before = edge.residentBytes();
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, edge.residentBytes())), SAMPLE_MS);
  const fault = await askThrough(edge, passage).then(
    () => passage.fault,
    (error: Error) =>
      `${error.message}; ${passage.fault ?? 'all bytes arrived'}; ${edge.lastWords().split('\n').at(-1)}`,
  );
  clearInterval(sampling);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, peakBytes: peak - before, mostAheadBytes: passage.mostAhead, fault };
}

/** The client: asks for the stream and reads it slowly, or sends it and waits for the answer. */
async function askThrough(edge: EdgeProcess, passage: Passage): Promise<void> {
  const isUp = passage.options.direction === 'up';
  const req = request(`${edge.url}/stream`, { method: isUp ? 'POST' : 'GET', agent: false });
  const answered = once(req, 'response') as Promise<[Readable & { statusCode: number }]>;
  const sent = isUp ? passage.send(req) : Promise.resolve(req.end());
  const [answer] = await Promise.race([answered, sent.then(() => answered)]);
  if (answer.statusCode !== 200) throw new Error(`the answer is ${answer.statusCode}`);
  if (isUp) answer.resume();
  else await passage.readSlowly(answer);
}
