import type { AppendResult, StoreContent } from '../../control-plane/route-store.ts';
import type { RouteState } from '../../domain/route-state.ts';
import type { Revision } from '../../domain/weight.ts';
import { encodeEntry } from '../route-entry.ts';
import type { DecodedEntry } from '../route-entry.ts';
import { evaluate, wasWritten } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { readEntry } from './redis-entry.ts';
import { READ_ROUTE, READ_ROUTES, WRITE_ROUTE } from './redis-scripts.ts';

/** What is in Redis for a route, and the SHA-1 of exactly that. */
type Found = { readonly entry: DecodedEntry | { readonly kind: 'none' }; readonly digest: string };

/** Others may be first again and again, but not for ever. */
const MAX_ATTEMPTS = 5;

/** The states of the routes, each one compared and set in one step of Redis. */
export class RedisRoutes {
  readonly #access: RedisAccess;

  constructor(access: RedisAccess) {
    this.#access = access;
  }

  async load(): Promise<StoreContent> {
    const { send, keys } = this.#access;
    const [type, ...all] = await evaluate(send, { script: READ_ROUTES, keys: [keys.routes] });
    const states = new Map<string, RouteState>();
    if (isForeign(type)) return { states, damaged: new EveryRoute(whyForeign(keys.routes, type)) };
    const damaged = new Map<string, string>();
    for (let index = 0; index < all.length; index += 2) {
      const route = String(all[index]);
      const entry = readEntry(all[index + 1], route);
      if (entry.kind === 'entry') states.set(route, entry.state);
      else damaged.set(route, entry.why);
    }
    return { states, damaged };
  }

  async append(next: RouteState, expected: Revision): Promise<AppendResult> {
    const { entry, digest } = await this.#find(next.route);
    if (entry.kind === 'damaged' || revisionOf(entry) !== expected) return conflictWith(entry);
    if (await this.#write(next, digest)) return { kind: 'written' };
    return conflictWith((await this.#find(next.route)).entry);
  }

  async repair(state: RouteState): Promise<AppendResult> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const found = await this.#find(state.route);
      if (revisionOf(found.entry) >= state.revision) return conflictWith(found.entry);
      if (await this.#write(state, found.digest)) return { kind: 'written' };
    }
    return { kind: 'unavailable', cause: new Error(`others were first ${MAX_ATTEMPTS} times`) };
  }

  async #find(route: string): Promise<Found> {
    const { send, keys } = this.#access;
    const [type, found, digest] = await evaluate(send, { script: READ_ROUTE, keys: [keys.routes], args: [route] });
    if (isForeign(type)) return { entry: { kind: 'damaged', why: whyForeign(keys.routes, type) }, digest: '' };
    if (String(digest) === '') return { entry: { kind: 'none' }, digest: '' };
    return { entry: readEntry(found, route), digest: String(digest) };
  }

  /** @returns false if what was found is not there any more */
  async #write(next: RouteState, digest: string): Promise<boolean> {
    const { send, keys, logger } = this.#access;
    const reply = await evaluate(send, {
      script: WRITE_ROUTE,
      keys: [keys.routes, keys.audit],
      args: [next.route, digest, encodeEntry(next), keys.changes],
    });
    return wasWritten(reply, logger);
  }
}

/** Says the same of every route, whatever its name: nobody can tell which ones there were. */
class EveryRoute extends Map<string, string> {
  readonly #why: string;

  constructor(why: string) {
    super();
    this.#why = why;
    this.set('*', why);
  }

  override get(): string {
    return this.#why;
  }

  override has(): boolean {
    return true;
  }
}

function isForeign(type: unknown): boolean {
  return String(type) !== 'hash' && String(type) !== 'none';
}

function whyForeign(key: string, type: unknown): string {
  return `${key} in Redis is a ${String(type)}, not a hash`;
}

function revisionOf(entry: Found['entry']): number {
  return entry.kind === 'entry' ? entry.state.revision : 0;
}

function conflictWith(entry: Found['entry']): AppendResult {
  return { kind: 'conflict', current: entry.kind === 'entry' ? entry.state : undefined };
}
