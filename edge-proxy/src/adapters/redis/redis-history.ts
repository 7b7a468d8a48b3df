import { Complaint } from '@fit/service-kit/complaint';
import type { HistoryPage, HistoryQuery } from '../../control-plane/route-store.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { evaluate } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { readEntry } from './redis-entry.ts';
import { READ_AUDIT } from './redis-scripts.ts';

/** Read at once while a route is looked for. */
const PART = 1000;
/** A page may end early after so many parts; its `next` leads on. */
const MAX_PARTS = 20;
const STREAM_ID = /^\d{1,20}-\d{1,20}$/;

type Found = { readonly id: string; readonly state: RouteState };

/** The audit stream, newest first. The cursor is the id of an entry; what is no id finds nothing. */
export class RedisHistory {
  readonly #access: RedisAccess;
  readonly #garbage: Complaint;

  constructor(access: RedisAccess) {
    this.#access = access;
    this.#garbage = new Complaint(access.logger, 'ignored an entry of the audit in Redis that cannot be read');
  }

  async page({ route, limit, before }: HistoryQuery): Promise<HistoryPage> {
    if (before !== undefined && !STREAM_ID.test(before)) return { entries: [], next: undefined };
    const size = route === undefined ? limit + 1 : PART;
    const found: Found[] = [];
    let last = before;
    for (let part = 0; part < MAX_PARTS; part++) {
      const items = await this.#read(last, size);
      found.push(...items.flatMap((item) => this.#entryOf(item, route)));
      if (found.length > limit) return pageOf(found.slice(0, limit), found[limit - 1]!.id);
      if (items.length < size) return pageOf(found, undefined);
      [last] = items.at(-1)!;
    }
    return pageOf(found, last);
  }

  async #read(before: string | undefined, count: number): Promise<StreamItem[]> {
    const { send, keys } = this.#access;
    const from = before === undefined ? '+' : `(${before}`;
    const request = { script: READ_AUDIT, keys: [keys.audit], args: [from, String(count)] };
    const [type, ...all] = await evaluate(send, request);
    if (String(type) !== 'stream' && String(type) !== 'none') this.#garbage.add({ why: `${keys.audit} is no stream` });
    return Array.from({ length: all.length / 2 }, (_, index) => [String(all[2 * index]), all[2 * index + 1]]);
  }

  #entryOf([id, found]: StreamItem, route: string | undefined): Found[] {
    const entry = readEntry(found);
    if (entry.kind === 'damaged') {
      this.#garbage.add({ why: `${id}: ${entry.why}` });
      return [];
    }
    if (route !== undefined && entry.state.route !== route) return [];
    return [{ id, state: entry.state }];
  }
}

/** An id, and what is there for an entry. */
type StreamItem = readonly [id: string, found: unknown];

function pageOf(found: readonly Found[], next: string | undefined): HistoryPage {
  return { entries: found.map(({ state }) => state), next };
}
