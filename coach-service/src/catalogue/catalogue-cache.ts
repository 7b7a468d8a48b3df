import { catalogueSchema } from '@fit/contracts/catalogue';
import type { Clock } from '../clock.ts';
import { givenUp, openCallScope } from '../legacy/call-scope.ts';
import type { Caller } from '../legacy/caller.ts';
import { firstRepeated } from '../legacy/first-repeated.ts';
import type { LegacyClient } from '../legacy/legacy-client.ts';
import type { LegacyFailure } from '../legacy/legacy-failure.ts';
import { prepareCatalogue } from './prepare-catalogue.ts';
import type { PreparedCatalogue } from './prepare-catalogue.ts';

export type CatalogueCacheOptions = {
  legacy: LegacyClient;
  clock: Clock;
  /** Served without asking the monolith. */
  freshMs: number;
  /** Served while it is revalidated or while the monolith is down. */
  staleMs: number;
  /** One flight may take so long. */
  timeoutMs: number;
};

export type CatalogueFound = { kind: 'found'; catalogue: PreparedCatalogue };

type Entry = { catalogue: PreparedCatalogue; etag: string | undefined; validatedAtMs: number };

/** Ten thousand exercises with long descriptions. */
const MAX_BYTES = 16 * 1024 * 1024;
/** After a failure, a stale catalogue is revalidated again so much later. */
const RETRY_MS = 1000;

const schema = catalogueSchema
  .superRefine(({ exercises }, context) => {
    const at = firstRepeated(exercises.map(({ id }) => id));
    if (at === undefined) return;
    context.addIssue({ code: 'custom', path: ['exercises', at, 'id'], message: `repeats the id ${exercises[at]?.id}` });
  })
  .transform(prepareCatalogue);

/**
 * The catalogue, the same for everybody, got with the token of whoever needs it first.
 *
 *     age   0 ───────── freshMs ───────────────────── staleMs ─────────▶
 *             as it is  │  as it is, and one flight in  │  wait for a flight,
 *                       │  the background with the ETag │  or fail
 *
 * One flight at a time. It has its own time limit and belongs to nobody, so nobody's leaving ends it. A failed one takes
 * nothing away. A refused token concerns its owner: those who waited along try again with their own.
 */
export class CatalogueCache {
  readonly #options: CatalogueCacheOptions;
  #entry: Entry | undefined;
  #flight: Promise<CatalogueFound | LegacyFailure> | undefined;
  #retryAtMs = -Infinity;

  constructor(options: CatalogueCacheOptions) {
    this.#options = options;
  }

  /** Since the monolith last confirmed it; infinite if it never has. */
  get ageMs(): number {
    return this.#entry ? this.#options.clock.elapsedMs() - this.#entry.validatedAtMs : Infinity;
  }

  async get(caller: Caller, signal: AbortSignal): Promise<CatalogueFound | LegacyFailure> {
    const { freshMs, staleMs, clock } = this.#options;
    const ageMs = this.ageMs;
    if (!this.#entry || ageMs >= staleMs) return await this.#waitForFlight(caller, signal);
    if (ageMs >= freshMs && clock.elapsedMs() >= this.#retryAtMs) void this.#joinFlight(caller);
    return { kind: 'found', catalogue: this.#entry.catalogue };
  }

  async #waitForFlight(caller: Caller, signal: AbortSignal): Promise<CatalogueFound | LegacyFailure> {
    for (;;) {
      const isOwnFlight = this.#flight === undefined;
      const outcome = await Promise.race([this.#joinFlight(caller), givenUp(signal)]);
      if (outcome.kind !== 'refused' || isOwnFlight) return outcome;
    }
  }

  #joinFlight(caller: Caller): Promise<CatalogueFound | LegacyFailure> {
    this.#flight ??= this.#fly(caller).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fly(caller: Caller): Promise<CatalogueFound | LegacyFailure> {
    const { legacy, clock, timeoutMs } = this.#options;
    const startedAtMs = clock.elapsedMs();
    const { catalogue, etag } = this.#entry ?? {};
    const scope = openCallScope({ timeoutMs });
    const answer = await legacy.get({
      endpoint: 'catalogue',
      path: '/exercises',
      schema,
      maxBytes: MAX_BYTES,
      known: catalogue && etag !== undefined ? { value: catalogue, etag } : undefined,
      caller,
      signal: scope.signal,
    });
    scope.close();
    if (answer.kind === 'ok') {
      this.#entry = { catalogue: answer.value, etag: answer.etag, validatedAtMs: startedAtMs };
      return { kind: 'found', catalogue: answer.value };
    }
    if (answer.kind !== 'refused') this.#retryAtMs = clock.elapsedMs() + RETRY_MS;
    return answer;
  }
}
