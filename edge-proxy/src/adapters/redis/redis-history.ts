import { ErrorReply } from 'redis';
import type { HistoryPage, HistoryQuery } from '../../control-plane/route-store.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { Complaint } from './complaint.ts';
import type { RedisAccess } from './redis-access.ts';
import { readEntry } from './redis-entry.ts';

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
      last = String(items.at(-1)![0]);
    }
    return pageOf(found, last);
  }

  async #read(before: string | undefined, count: number): Promise<StreamItem[]> {
    const { send, keys } = this.#access;
    const from = before === undefined ? '+' : `(${before}`;
    try {
      return (await send(['XREVRANGE', keys.audit, from, '-', 'COUNT', String(count)])) as StreamItem[];
    } catch (error) {
      if (!(error instanceof ErrorReply && error.message.startsWith('WRONGTYPE'))) throw error;
      this.#garbage.add(`${keys.audit} is no stream`);
      return [];
    }
  }

  #entryOf([id, fields]: StreamItem, route: string | undefined): Found[] {
    const entry = readEntry(fieldOf(fields, 'entry'));
    if (entry.kind === 'damaged') {
      this.#garbage.add(`${String(id)}: ${entry.why}`);
      return [];
    }
    if (route !== undefined && entry.state.route !== route) return [];
    return [{ id: String(id), state: entry.state }];
  }
}

/** An id, then names and values by turns. */
type StreamItem = readonly [id: Buffer, fields: readonly Buffer[]];

function fieldOf(fields: readonly Buffer[], name: string): Buffer | undefined {
  const index = fields.findIndex((field, index) => index % 2 === 0 && String(field) === name);
  return index === -1 ? undefined : fields[index + 1];
}

function pageOf(found: readonly Found[], next: string | undefined): HistoryPage {
  return { entries: found.map(({ state }) => state), next };
}
