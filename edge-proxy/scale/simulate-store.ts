import { RandomStream } from '../simulate/random-stream.ts';
import { EventQueue } from './event-queue.ts';

/** Edges that share one Redis while a route ramps; its one thread serves one after another. Times are milliseconds. */
export type StoreOptions = {
  edges: number;
  /** Of these so many look at what everybody reported; the others only report. */
  lookers: number;
  /** Between two looks of an edge. One that has no answer yet leaves a turn out. */
  everyMs: number;
  /** What reporting takes, and looking at the report of one edge. */
  putMs: number;
  lookMs: number;
  /** All else that an edge asks of it in a second. */
  restMs: number;
  seconds: number;
  seed: number;
};

export type StoreServed = {
  /** Share of the thread's time. */
  busy: number;
  /** From an edge's turn until it knows what all edges saw. */
  lookP50Ms: number;
  lookP95Ms: number;
  /** How long a changed weight waits until Redis tells the edges of it. */
  changeP50Ms: number;
  changeP95Ms: number;
};

type Event = { kind: 'look' | 'rest' | 'change'; edge: number };

const REST_EVERY_MS = 1000;
/** Changes are so rare that they are no load. */
const CHANGE_EVERY_MS = 97;

/** How soon Redis answers when edges ask as they do; turns begin at moments of their own. */
export function simulateStore(options: StoreOptions): StoreServed {
  const { edges, lookers, everyMs, putMs, lookMs, restMs, seconds, seed } = options;
  const random = new RandomStream(seed, edges, lookers);
  const events = new EventQueue<Event>();
  for (let edge = 0; edge < edges; edge++) {
    events.add(random.share() * everyMs, { kind: 'look', edge });
    events.add(random.share() * REST_EVERY_MS, { kind: 'rest', edge });
  }
  events.add(0, { kind: 'change', edge: 0 });
  let freeAt = 0;
  let busyMs = 0;
  const looks: number[] = [];
  const changes: number[] = [];
  const serve = (at: number, ms: number) => {
    busyMs += ms;
    return (freeAt = Math.max(at, freeAt) + ms);
  };
  for (let next = events.next(); next && next.at < seconds * 1000; next = events.next()) {
    const { at, event } = next;
    if (event.kind === 'rest') {
      serve(at, restMs);
      events.add(at + REST_EVERY_MS, event);
    } else if (event.kind === 'change') {
      changes.push(Math.max(0, freeAt - at));
      events.add(at + CHANGE_EVERY_MS, event);
    } else {
      const knownAt = serve(at, putMs + (event.edge < lookers ? lookMs * edges : 0));
      if (event.edge < lookers) looks.push(knownAt - at);
      events.add(at + everyMs * Math.max(1, Math.ceil((knownAt - at) / everyMs)), event);
    }
  }
  return {
    busy: Math.min(1, busyMs / (seconds * 1000)),
    lookP50Ms: quantile(looks, 0.5),
    lookP95Ms: quantile(looks, 0.95),
    changeP50Ms: quantile(changes, 0.5),
    changeP95Ms: quantile(changes, 0.95),
  };
}

function quantile(values: readonly number[], share: number): number {
  return Float64Array.from(values).sort()[Math.ceil(share * values.length) - 1] ?? 0;
}
