import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import type { Logger } from './logger.ts';

/** What looking a key up can say. */
export type KeyLookup = { kind: 'known'; key: KeyObject } | { kind: 'unknown' } | { kind: 'unavailable' };

/** Where the public keys come from that tokens are verified with. */
export type KeySource = {
  find(kid: string): Promise<KeyLookup>;
};

export type RemoteKeysOptions = {
  url: string;
  logger: Logger;
  /** Default 3,000. */
  timeoutMs?: number;
  /** At least this long between two refreshes for an unknown `kid`; default one minute. */
  cooldownMs?: number;
  /** How often the keys are fetched anew, so that withdrawn ones go; default ten minutes. */
  refreshMs?: number;
  /** Milliseconds, monotonic. */
  now?: () => number;
};

/** Of a set that has other keys too, those are ignored (RFC 7517, section 5). */
const keySetSchema = z.object({ keys: z.array(z.unknown()) });
const verificationKeySchema = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  use: z.literal('sig').optional(),
  alg: z.literal('RS256').optional(),
  n: z.string(),
  e: z.string(),
});

const FIRST_LOAD_RETRY_MS = { min: 200, max: 2000 };

/**
 * The key set of another service (RFC 7517), cached. An outage of its endpoint takes no known key away; an unknown `kid`
 * makes it look again, once a minute at most and one flight at a time; before the first load five times a second at most.
 */
export class RemoteKeys implements KeySource {
  readonly #options: Required<RemoteKeysOptions>;
  readonly #stopping = new AbortController();
  #keys: ReadonlyMap<string, KeyObject> | undefined;
  #flight: Promise<void> | undefined;
  #lastRefreshAt = -Infinity;
  #lastRefreshFailed = false;

  constructor(options: RemoteKeysOptions) {
    this.#options = {
      timeoutMs: 3000,
      cooldownMs: 60_000,
      refreshMs: 600_000,
      now: () => performance.now(),
      ...options,
    };
  }

  /** The keys that are known now, without waiting: for those who may not touch the network. */
  peek(kid: string): KeyObject | undefined {
    return this.#keys?.get(kid);
  }

  get loaded(): boolean {
    return this.#keys !== undefined;
  }

  async find(kid: string): Promise<KeyLookup> {
    const known = this.peek(kid);
    if (known) return { kind: 'known', key: known };
    const cooldownMs = this.loaded ? this.#options.cooldownMs : FIRST_LOAD_RETRY_MS.min;
    if (this.#flight || this.#options.now() - this.#lastRefreshAt >= cooldownMs) await this.#refresh();
    const found = this.peek(kid);
    if (found) return { kind: 'known', key: found };
    return this.loaded && !this.#lastRefreshFailed ? { kind: 'unknown' } : { kind: 'unavailable' };
  }

  /** Loads the keys, trying until it works, then keeps them fresh until `stop`. Resolves after the first success. */
  async start(): Promise<void> {
    let waitMs = FIRST_LOAD_RETRY_MS.min;
    while (!this.loaded && !this.#stopping.signal.aborted) {
      await this.#refresh();
      if (!this.loaded) await this.#sleep(waitMs);
      waitMs = Math.min(waitMs * 2, FIRST_LOAD_RETRY_MS.max);
    }
    void this.#keepFresh();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #keepFresh(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#sleep(this.#options.refreshMs);
      if (!this.#stopping.signal.aborted) await this.#refresh();
    }
  }

  async #sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }

  #refresh(): Promise<void> {
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fetch(): Promise<void> {
    const { url, logger, timeoutMs, now } = this.#options;
    this.#lastRefreshAt = now();
    try {
      this.#keys = await fetchKeys(url, AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutMs)]));
      this.#lastRefreshFailed = false;
    } catch (error) {
      this.#lastRefreshFailed = true;
      if (!this.#stopping.signal.aborted) logger.warn({ err: error, url }, 'the key set could not be fetched');
    }
  }
}

async function fetchKeys(url: string, signal: AbortSignal): Promise<ReadonlyMap<string, KeyObject>> {
  const { statusCode, body } = await request(url, { signal });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`${url} answered ${statusCode}`);
  }
  const { keys } = keySetSchema.parse(await body.json());
  const usable = keys.flatMap((jwk) => verificationKeySchema.safeParse(jwk).data ?? []);
  if (usable.length === 0) throw new Error(`${url} has no RSA key for signatures with a kid`);
  return new Map(usable.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
}
