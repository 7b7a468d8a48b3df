import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DURATION_BUCKETS } from '@fit/service-kit/metrics';
import { ProblemError } from '@fit/service-kit/problem';
import PQueue from 'p-queue';
import { Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { GeneratorLimits } from '../config/env.ts';

/** What one run of the old generator costs, as time. */
export type GeneratorCost = () => Promise<void>;

/** A uniform random time between the two bounds, both included. */
export function randomCost({ min, max }: GeneratorLimits['costMs']): GeneratorCost {
  return async () => {
    if (max > 0) await delay(randomInt(min, max + 1));
  };
}

/**
 * The old generator's workers: so many run, so many wait, the rest is refused at once. It shares nothing with the other
 * endpoints, which therefore do not notice when people wait here.
 */
export class GeneratorPool {
  readonly #limits: GeneratorLimits;
  readonly #cost: GeneratorCost;
  readonly #queue: PQueue;
  readonly #waitSeconds: Histogram;
  #isDraining = false;

  constructor(limits: GeneratorLimits, cost: GeneratorCost, registry: Registry) {
    this.#limits = limits;
    this.#cost = cost;
    this.#queue = new PQueue({ concurrency: limits.workers });
    this.#waitSeconds = measure(this.#queue, registry);
  }

  /**
   * Runs the work in a slot, after the cost. A client that leaves while it waits gives its place up; one that leaves
   * later keeps its slot to the end, for the old generator knows no cancel.
   *
   * Errors: 503 `overloaded` when the queue is full, 503 `not-ready` while draining, the signal's reason if it aborts.
   */
  async run<Result>(client: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    if (this.#isDraining) throw draining();
    // A free worker takes it without waiting, so a queue of 0 is one that nobody waits in.
    if (this.#queue.pending >= this.#limits.workers && this.#queue.size >= this.#limits.queue) throw this.#overloaded();

    const stopWaiting = this.#waitSeconds.startTimer();
    const waiting = new AbortController();
    const leave = () => waiting.abort(client.reason);
    client.addEventListener('abort', leave, { once: true });
    const task = async () => {
      client.removeEventListener('abort', leave);
      stopWaiting();
      await this.#cost();
      client.throwIfAborted();
      return await work();
    };
    try {
      return await this.#queue.add(task, { signal: waiting.signal });
    } catch (error) {
      throw this.#isDraining && (error as Error).name === 'AbortError' && !client.aborted ? draining() : error;
    }
  }

  /** Refuses those who wait and who come; resolves when what runs has finished. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#queue.clear();
    await this.#queue.onIdle();
  }

  /** `Retry-After` is about how long the whole queue takes. */
  #overloaded(): ProblemError {
    const { costMs, workers, queue } = this.#limits;
    const seconds = Math.max(1, Math.ceil(((queue / workers + 1) * (costMs.min + costMs.max)) / 2000));
    return new ProblemError('overloaded', `${workers} workouts are being made and ${queue} requests wait`, {
      headers: { 'retry-after': String(seconds) },
    });
  }
}

function draining(): ProblemError {
  return new ProblemError('not-ready', 'The service is draining');
}

function measure(queue: PQueue, registry: Registry): Histogram {
  const gauges = { queued: () => queue.size, running: () => queue.pending };
  for (const [name, read] of Object.entries(gauges)) {
    new Gauge({
      name: `legacy_wod_${name}`,
      help: `Requests for a workout that are ${name} in the old generator.`,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  return new Histogram({
    name: 'legacy_wod_wait_seconds',
    help: 'Time that a request for a workout waited for a worker.',
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
}
