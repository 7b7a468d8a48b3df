import { RandomStream } from '../simulate/random-stream.ts';
import { EventQueue } from './event-queue.ts';

/** A day in seconds: people who ask the coach, and monoliths that know what they did yesterday. Times are milliseconds. */
export type HistoryOptions = {
  /** Workouts asked for, all of them of the coach. */
  perSecond: number;
  /** Monoliths, each with one thread. */
  monoliths: number;
  /** What a history call takes of that thread, on average. */
  historyMs: number;
  /** What a request for the old workout takes of it before it waits for the old generator. */
  oldMs: number;
  /** The coach waits no longer for the monolith (`LEGACY_TIMEOUT_MS`). */
  patienceMs: number;
  /** Of each monolith: `LEGACY_WOD_WORKERS`, `LEGACY_WOD_QUEUE`, `LEGACY_WOD_COST_MS`. */
  generator: { workers: number; queue: number; leastMs: number; mostMs: number };
  /** The edge waits no longer. */
  deadlineMs: number;
  seconds: number;
  seed: number;
};

export type Served = {
  p50Ms: number;
  p95Ms: number;
  /** Of all who asked: answered by the old generator, and not at all. */
  fellBack: number;
  failed: number;
};

type Event = { kind: 'asks' | 'falls-back' | 'generates'; person: number; monolith: number };

/**
 * What people wait for. Whoever asks needs his history from one of the monoliths, drawn by chance, whose thread serves one after
 * another (service times are exponential). If that takes too long the edge sends him to the old generator, through the same
 * thread; the history that nobody waits for any more is made all the same.
 */
export function simulateHistory(options: HistoryOptions): Served {
  const { perSecond, seconds, seed, monoliths, patienceMs, deadlineMs } = options;
  const random = new RandomStream(seed, perSecond, monoliths);
  const threads = Array.from({ length: monoliths }, () => 0);
  const generators = threads.map(() => new Generator(options.generator, random));
  const events = new EventQueue<Event>();
  const askedAt: number[] = [];
  const waits: number[] = [];
  const counts = { fellBack: 0, failed: 0 };
  const take = (monolith: number, at: number, meanMs: number) => {
    return (threads[monolith] = Math.max(at, threads[monolith]!) + 1000 * random.gap(1000 / meanMs));
  };
  const end = (person: number, at: number, isServed: boolean) => {
    const waitedMs = Math.min(at - askedAt[person]!, deadlineMs);
    waits.push(waitedMs);
    if (!isServed || waitedMs >= deadlineMs) counts.failed++;
  };
  const act: Record<Event['kind'], (event: Event, at: number) => void> = {
    asks: ({ person, monolith }, at) => {
      askedAt.push(at);
      const nextAt = at + 1000 * random.gap(perSecond);
      if (nextAt < seconds * 1000) {
        events.add(nextAt, { kind: 'asks', person: person + 1, monolith: random.int(monoliths) });
      }
      const readyAt = take(monolith, at, options.historyMs);
      if (readyAt - at <= patienceMs) return end(person, readyAt, true);
      events.add(at + patienceMs, { kind: 'falls-back', person, monolith: random.int(monoliths) });
    },
    'falls-back': ({ person, monolith }, at) => {
      counts.fellBack++;
      events.add(take(monolith, at, options.oldMs), { kind: 'generates', person, monolith });
    },
    generates: ({ person, monolith }, at) => {
      const doneAt = generators[monolith]!.generate(at);
      end(person, doneAt ?? at, doneAt !== undefined);
    },
  };

  events.add(0, { kind: 'asks', person: 0, monolith: 0 });
  for (let next = events.next(); next; next = events.next()) act[next.event.kind](next.event, next.at);
  const sorted = Float64Array.from(waits).sort();
  const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return {
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    fellBack: counts.fellBack / askedAt.length,
    failed: counts.failed / askedAt.length,
  };
}

/** The old generator of one monolith: workers, and a queue of people before them. */
class Generator {
  readonly #options: HistoryOptions['generator'];
  readonly #random: RandomStream;
  readonly #freeAt: number[];
  /** When each who had to wait begins, in order; those before `#begun` have begun. */
  readonly #waiting: number[] = [];
  #begun = 0;

  constructor(options: HistoryOptions['generator'], random: RandomStream) {
    this.#options = options;
    this.#random = random;
    this.#freeAt = Array.from({ length: options.workers }, () => 0);
  }

  /** @returns when it is done; undefined if the queue is full */
  generate(at: number): number | undefined {
    while (this.#begun < this.#waiting.length && this.#waiting[this.#begun]! <= at) this.#begun++;
    if (this.#waiting.length - this.#begun >= this.#options.queue) return undefined;
    const { leastMs, mostMs } = this.#options;
    const worker = this.#freeAt.reduce((first, free, each) => (free < this.#freeAt[first]! ? each : first), 0);
    const begins = Math.max(at, this.#freeAt[worker]!);
    if (begins > at) this.#waiting.push(begins);
    return (this.#freeAt[worker] = begins + leastMs + this.#random.share() * (mostMs - leastMs));
  }
}
