import { Pool } from 'undici';

export type UpstreamOptions = {
  name: string;
  /** Origin: scheme, host and port. */
  url: string;
  /** From the start of a call to the first byte of its answer; a hang is certain then. */
  firstByteTimeoutMs: number;
  /** Longest silence within an answer's body. */
  bodyIdleTimeoutMs: number;
  connectTimeoutMs: number;
  /** Calls at the same time, and so connections; one more is refused at once. */
  maxInFlight: number;
};

/** A server behind the edge, with its pool of keep-alive connections. */
export class Upstream {
  readonly name: string;
  readonly origin: URL;
  readonly firstByteTimeoutMs: number;
  readonly pool: Pool;
  readonly #maxInFlight: number;
  #inFlight = 0;

  constructor(options: UpstreamOptions) {
    this.name = options.name;
    this.origin = new URL(options.url);
    this.firstByteTimeoutMs = options.firstByteTimeoutMs;
    this.#maxInFlight = options.maxInFlight;
    this.pool = new Pool(this.origin, {
      connections: options.maxInFlight,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: options.connectTimeoutMs },
      // The first byte has a timer of its own, exact to the millisecond.
      headersTimeout: 0,
      bodyTimeout: options.bodyIdleTimeoutMs,
    });
  }

  /** Takes one of the places; false if none is free. Each taken place is given back by `leave`. */
  enter(): boolean {
    if (this.#inFlight >= this.#maxInFlight) return false;
    this.#inFlight++;
    return true;
  }

  leave(): void {
    this.#inFlight--;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
