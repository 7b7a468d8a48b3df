import cohortKey from '@fit/contracts/cohort-key';
import type { KeyPlace } from '../domain/key-place.ts';

/** Where a request comes from: its headers as they came, names and values in turn, and the client's address. */
export type Origin = { received: readonly string[]; authorization: string | undefined; client: string };

/** People send the same token again and again; so many of the latest keep their key. */
const REMEMBERED = 10_000;

/** The key that decides a request's side; without the one that the route asks for, the client's address. */
export class CohortKeys {
  readonly #place: KeyPlace;
  /** Keys by `Authorization` value: those asked for lately, and those of the generation before. */
  #young = new Map<string, string>();
  #old = new Map<string, string>();

  constructor(place: KeyPlace) {
    this.#place = place;
  }

  keyOf(origin: Origin): string {
    const { authorization } = origin;
    // Only a claim takes longer to read than to remember.
    if (this.#place.from !== 'claim' || authorization === undefined) return this.#read(origin);
    const known = this.#young.get(authorization);
    if (known !== undefined) return known || this.#read(origin);
    const key = this.#old.get(authorization) ?? claimOf(this.#place, origin);
    this.#remember(authorization, key);
    return key || this.#read(origin);
  }

  #read({ received, client }: Origin): string {
    return cohortKey.keyOf(this.#place.from, this.#place.name, received, client);
  }

  #remember(authorization: string, key: string): void {
    if (this.#young.size >= REMEMBERED / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(authorization, key);
  }
}

/** What the token itself says; '' if nothing, and the address counts. */
function claimOf({ from, name }: KeyPlace, { received }: Origin): string {
  return cohortKey.keyOf(from, name, received, '');
}
