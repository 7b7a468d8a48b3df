import type { Jwks } from '@fit/contracts/auth';
import type { KeyLookup, KeySource } from '@fit/service-kit/jwks';
import type { Logger } from '@fit/service-kit/logger';
import type { Database } from '../db/schema.ts';
import { repeat } from '../repeat.ts';
import { KEY_RELOAD_MS, isRotationDue, publishedAt, signerAt } from './key-schedule.ts';
import { loadSigningKeys, rotateSigningKeys } from './signing-key-store.ts';
import type { SigningKey } from './signing-key-store.ts';

export type SigningKeysOptions = {
  db: Database;
  logger: Logger;
  now: () => Date;
  maxAgeDays: number;
};

/** The keys of this monolith as one process knows them: signs with one, verifies with all that are published. */
export class SigningKeys implements KeySource {
  readonly #options: SigningKeysOptions;
  #keys: readonly SigningKey[] = [];
  #reloading: { stop: () => void } | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  /** Loads the keys, makes the first one or a due one, and keeps looking until `stop`. */
  async start(): Promise<void> {
    await this.refresh();
    this.#reloading = repeat('reload of signing keys', KEY_RELOAD_MS, this.#options.logger, () => this.refresh());
  }

  stop(): void {
    this.#reloading?.stop();
  }

  /** Notices keys that were made elsewhere, and makes a new one when the newest is too old. */
  async refresh(): Promise<void> {
    const { db, logger, now, maxAgeDays } = this.#options;
    this.#keys = await loadSigningKeys(db);
    if (!isRotationDue(this.#keys, now(), maxAgeDays)) return;
    const rotated = await rotateSigningKeys(db, now(), maxAgeDays);
    if (rotated) logger.info(rotated, 'a new signing key was made');
    this.#keys = await loadSigningKeys(db);
  }

  /** The key that signs now. */
  signer(): SigningKey {
    const signer = signerAt(this.#keys, this.#options.now());
    if (!signer) throw new Error('There is no signing key; start() was not awaited');
    return signer;
  }

  async find(kid: string): Promise<KeyLookup> {
    const found = this.#published().find((key) => key.kid === kid);
    return found ? { kind: 'known', key: found.publicKey } : { kind: 'unknown' };
  }

  jwks(): Jwks {
    return {
      keys: this.#published().map(({ kid, publicKey }) => {
        const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
        return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e };
      }),
    };
  }

  #published(): SigningKey[] {
    return publishedAt(this.#keys, this.#options.now());
  }
}
