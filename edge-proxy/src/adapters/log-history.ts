import type { RouteState } from '../domain/route-state.ts';
import type { HistoryPage, HistoryQuery } from '../control-plane/route-store.ts';
import type { LogFile } from './log-file.ts';
import { decodeEntry } from './route-entry.ts';

const LINE_FEED = 0x0a;
/** Read at once; between two such parts the edge gets on with its other work. */
const PART_BYTES = 65_536;

type Line = { readonly position: number; readonly text: string };

/**
 * A page of the log, newest first, read from its end. The cursor is the position of a line, which never changes, as the log
 * only grows; one that is not the beginning of a line finds nothing.
 */
export async function readHistory(log: LogFile, query: HistoryQuery): Promise<HistoryPage> {
  const end = query.before === undefined ? log.length : Number(query.before);
  if (!(await isLineStart(log, end))) return { entries: [], next: undefined };
  const page = new Page(query);
  for await (const line of linesBefore(log, end)) {
    page.add(line);
    if (page.isComplete) break;
  }
  return page.toPage();
}

/** Fills up from the newest entry to the oldest. */
class Page {
  readonly #query: HistoryQuery;
  readonly #found: { readonly state: RouteState; readonly position: number }[] = [];
  #hasMore = false;

  constructor(query: HistoryQuery) {
    this.#query = query;
  }

  get isComplete(): boolean {
    return this.#hasMore;
  }

  add({ position, text }: Line): void {
    const entry = decodeEntry(text);
    if (entry.kind === 'damaged') return;
    const { state } = entry;
    if (this.#query.route !== undefined && this.#query.route !== state.route) return;
    if (this.#found.length === this.#query.limit) this.#hasMore = true;
    else this.#found.push({ state, position });
  }

  toPage(): HistoryPage {
    const entries = this.#found.map(({ state }) => state);
    return { entries, next: this.#hasMore ? String(this.#found.at(-1)!.position) : undefined };
  }
}

async function isLineStart(log: LogFile, position: number): Promise<boolean> {
  if (!Number.isSafeInteger(position) || position <= 0 || position > log.length) return false;
  return (await log.readAt(position - 1, 1))[0] === LINE_FEED;
}

/** The lines before a position that begins one, the last of them first. */
async function* linesBefore(log: LogFile, end: number): AsyncIterable<Line> {
  let tail = Buffer.alloc(0);
  for (let position = end; position > 0;) {
    const bytes = Math.min(PART_BYTES, position);
    position -= bytes;
    tail = Buffer.concat([await log.readAt(position, bytes), tail]);
    for (;;) {
      // Its own line feed is not looked at; a negative position would count from the end.
      const lineFeed = tail.length < 2 ? -1 : tail.lastIndexOf(LINE_FEED, tail.length - 2);
      if (lineFeed === -1) break;
      yield { position: position + lineFeed + 1, text: tail.toString('utf8', lineFeed + 1, tail.length - 1) };
      tail = tail.subarray(0, lineFeed + 1);
    }
  }
  if (tail.length > 0) yield { position: 0, text: tail.toString('utf8', 0, tail.length - 1) };
}
