import { randomUUID } from 'node:crypto';
import { ErrorReply } from 'redis';
import type { AppendResult, StoreContent } from '../../control-plane/route-store.ts';
import { wasChanged } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import type { Revision } from '../../domain/weight.ts';
import { encodeEntryWithin } from '../route-entry.ts';
import type { DecodedEntry } from '../route-entry.ts';
import { evaluate, wasWritten } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { readEntry } from './redis-entry.ts';
import { NotConnectedError } from './redis-connection.ts';
import { CLEAR_ROUTE, MAX_ENTRY_BYTES, READ_ROUTE, READ_ROUTES, WRITE_ROUTE } from './redis-scripts.ts';

/** What is in Redis for a route, what tells exactly that from anything else, and which store it is, if it has an id. */
type Found = {
  readonly entry: DecodedEntry | { readonly kind: 'none' };
  readonly digest: string;
  readonly id: string | undefined;
  /** Of the last leader; empty if there was none. */
  readonly token: string;
};

/** Redis was told to write, and did not say whether it has. */
export class UnconfirmedWriteError extends Error {
  readonly code = 'unconfirmed-write';

  constructor(cause: unknown) {
    super('Redis did not confirm the write', { cause });
    this.name = 'UnconfirmedWriteError';
  }
}

/** Others may be first again and again, but not for ever. */
const MAX_ATTEMPTS = 5;

/** The states of the routes, each one compared and set in one step of Redis. */
export class RedisRoutes {
  readonly #access: RedisAccess;
  /** Of the store when it was loaded last; until then the one that this edge would give it. */
  #id: string = randomUUID();

  constructor(access: RedisAccess) {
    this.#access = access;
  }

  async load(knownId = ''): Promise<StoreContent> {
    const { send, keys } = this.#access;
    const request = { script: READ_ROUTES, keys: [keys.routes, keys.id], args: [knownId] };
    const [type, idFound, ...all] = await evaluate(send, request);
    const id = idOf(idFound);
    this.#id = id ?? this.#id;
    const states = new Map<string, RouteState>();
    if (isForeign(type)) return { id, states, damaged: new EveryRoute(whyForeign(keys.routes, type)) };
    const damaged = new Map<string, string>();
    for (let index = 0; index < all.length; index += 2) {
      const route = String(all[index]);
      const entry = readEntry(all[index + 1], route);
      if (entry.kind === 'entry') states.set(route, entry.state);
      else damaged.set(route, entry.why);
    }
    return { id, states, damaged };
  }

  async append(next: RouteState, expected: Revision, fence?: number): Promise<AppendResult> {
    const found = await this.#find(next.route);
    if (isDeposed(found, fence)) return { kind: 'deposed' };
    if (found.entry.kind === 'damaged' || revisionOf(found.entry) !== expected) return conflictWith(found.entry);
    if (await this.#write(next, found.digest, fence)) return { kind: 'written' };
    const meanwhile = await this.#find(next.route);
    return isDeposed(meanwhile, fence) ? { kind: 'deposed' } : conflictWith(meanwhile.entry);
  }

  async repair(state: RouteState, knownId?: string): Promise<AppendResult> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const found = await this.#find(state.route);
      if (!wasChanged(state)) return await this.#clear(state.route, found);
      if (found.id !== undefined && found.id !== knownId) return conflictWith(found.entry);
      if (revisionOf(found.entry) >= state.revision) return conflictWith(found.entry);
      if (await this.#write(state, found.digest)) return { kind: 'written' };
    }
    const cause = new Error(`others were first ${MAX_ATTEMPTS} times`);
    return { kind: 'unavailable', cause, maybeWritten: false };
  }

  async #find(route: string): Promise<Found> {
    const { send, keys } = this.#access;
    const request = { script: READ_ROUTE, keys: [keys.routes, keys.id, keys.token], args: [route] };
    const [type, idFound, found, digest, tokenFound] = await evaluate(send, request);
    const store = { id: idOf(idFound), token: String(tokenFound) };
    const why = whyForeign(keys.routes, type);
    if (isForeign(type)) return { ...store, entry: { kind: 'damaged', why }, digest: '' };
    if (String(digest) === '') return { ...store, entry: { kind: 'none' }, digest: '' };
    return { ...store, entry: readEntry(found, route), digest: String(digest) };
  }

  /** Moves what cannot be read out of the way. */
  async #clear(route: string, { entry, digest }: Found): Promise<AppendResult> {
    if (entry.kind !== 'damaged') return conflictWith(entry);
    const { send, keys, logger } = this.#access;
    const reply = await evaluate(send, { script: CLEAR_ROUTE, keys: [keys.routes], args: [route, digest] });
    return wasWritten(reply, logger) ? { kind: 'written' } : { kind: 'conflict', current: undefined };
  }

  /** @returns false if what was found is not there any more, or another one leads */
  async #write(next: RouteState, digest: string, fence?: number): Promise<boolean> {
    const { send, keys, logger } = this.#access;
    const request = {
      script: WRITE_ROUTE,
      keys: [keys.routes, keys.audit, keys.id, keys.token],
      args: [next.route, digest, encodeEntryWithin(MAX_ENTRY_BYTES, next), keys.changes, this.#id, String(fence ?? '')],
    };
    try {
      return wasWritten(await evaluate(send, request), logger);
    } catch (error) {
      // What Redis refuses in words it has not done.
      if (error instanceof NotConnectedError || error instanceof ErrorReply) throw error;
      throw new UnconfirmedWriteError(error);
    }
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

function isDeposed({ token }: Found, fence: number | undefined): boolean {
  return fence !== undefined && token !== String(fence);
}

function idOf(found: unknown): string | undefined {
  return Buffer.isBuffer(found) ? String(found) : undefined;
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
