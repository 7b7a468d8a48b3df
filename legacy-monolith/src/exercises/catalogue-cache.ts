import { createHash } from 'node:crypto';
import type { Exercise } from '@fit/contracts/catalogue';
import type { Database } from '../db/schema.ts';
import { catalogueRevision, readExercises } from './exercise-store.ts';

/** The catalogue at one revision, ready to be served. */
export type CatalogueSnapshot = {
  revision: number;
  byId: ReadonlyMap<number, Exercise>;
  /** The answer of `GET /exercises`. */
  body: Buffer;
  /** Strong: a digest of the very bytes, so that two databases at the same revision cannot be confused. */
  etag: string;
};

/**
 * The catalogue in memory. Each look costs one query for the revision; the rows are read again only when it changed, by
 * one reader at a time.
 */
export class CatalogueCache {
  readonly #db: Database;
  #snapshot: CatalogueSnapshot | undefined;
  #flight: Promise<CatalogueSnapshot> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  async current(): Promise<CatalogueSnapshot> {
    const revision = await catalogueRevision(this.#db);
    // A flight that started earlier may have read an older revision; its outcome is looked at, not trusted.
    while (this.#snapshot === undefined || this.#snapshot.revision < revision) {
      this.#flight ??= this.#load().finally(() => {
        this.#flight = undefined;
      });
      this.#snapshot = await this.#flight;
    }
    return this.#snapshot;
  }

  /** The revision is read first: rows that are newer than it are read once more later, never served too long. */
  async #load(): Promise<CatalogueSnapshot> {
    const revision = await catalogueRevision(this.#db);
    const exercises = await readExercises(this.#db);
    const body = Buffer.from(JSON.stringify({ exercises }));
    return {
      revision,
      byId: new Map(exercises.map((exercise) => [exercise.id, exercise])),
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
    };
  }
}
