import type { BreakerSettings, BreakerState } from '../domain/breaker.ts';
import { UpstreamHealth } from '../domain/upstream-health.ts';
import type { BreakerName } from '../domain/upstream-health.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Connection } from './connection-pool.ts';

export type UpstreamOptions = {
  name: string;
  /** Origin: scheme, host and port. */
  url: string;
  /** From the start of a call to the first byte of its answer; a hang is certain then. */
  firstByteTimeoutMs: number;
  /** Longest silence within a body, its own or one that it is sent. */
  bodyIdleTimeoutMs: number;
  connectTimeoutMs: number;
  /** A connection that was unused for so long is closed; shorter if the upstream announces a shorter limit of its own. */
  keepAliveTimeoutMs: number;
  /** Calls at the same time, and so connections; one more is refused at once. */
  maxInFlight: number;
  breaker: BreakerSettings;
};

/** A server behind the edge: its connections, the bound on calls to it, and what is known of its health. */
export class Upstream {
  readonly name: string;
  readonly origin: URL;
  readonly firstByteTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Calls at the same time. */
  readonly maxInFlight: number;
  readonly health: UpstreamHealth;
  readonly #connections: ConnectionPool;
  #inFlight = 0;
  #isRetired = false;

  /** @param changed is told each state that one of its breakers enters */
  constructor(options: UpstreamOptions, changed?: (breaker: BreakerName, state: BreakerState) => void) {
    this.name = options.name;
    this.origin = new URL(options.url);
    this.firstByteTimeoutMs = options.firstByteTimeoutMs;
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.health = new UpstreamHealth(options.breaker, changed);
    this.maxInFlight = options.maxInFlight;
    this.#connections = new ConnectionPool(this.origin, {
      connectTimeoutMs: options.connectTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      keepAliveMaxTimeout: options.keepAliveTimeoutMs,
      // The first byte has a timer of its own, exact to the millisecond.
      headersTimeout: 0,
      bodyTimeout: options.bodyIdleTimeoutMs,
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Connections that are open, idle ones too. */
  get connections(): number {
    return this.#connections.open;
  }

  /**
   * A connection for one call, to be given back by `leave`; undefined if as many calls as allowed are under way.
   *
   * @param isFresh whether it must be a new one
   */
  enter({ isFresh }: { isFresh: boolean }): Connection | undefined {
    if (!this.takePlace()) return undefined;
    return isFresh ? this.#connections.takeFresh() : this.#connections.take();
  }

  leave(connection: Connection): void {
    this.#connections.giveBack(connection);
    this.givePlaceBack();
  }

  /** For a call that brings its own connection: one of the places, to be given back; false if none is free. */
  takePlace(): boolean {
    if (this.#inFlight >= this.maxInFlight) return false;
    this.#inFlight++;
    return true;
  }

  givePlaceBack(): void {
    this.#inFlight--;
    this.#closeIfDone();
  }

  /** Nothing new is sent here; its connections close once what is under way has ended. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  #closeIfDone(): void {
    if (this.#isRetired && this.#inFlight === 0) void this.close();
  }
}
