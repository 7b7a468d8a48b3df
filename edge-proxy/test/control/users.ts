import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { hashOf, sideOfHash } from '../../src/domain/split.ts';
import type { Side } from '../../src/domain/split.ts';
import { weightFromPercent } from '../../src/domain/weight.ts';
import type { Weight } from '../../src/domain/weight.ts';

/** Somebody who asks for his workout: where he stands is known. */
export type User = { sub: string; authorization: string; hash: number };

export function userOf(sub: string): User {
  const payload = Buffer.from(JSON.stringify({ sub })).toString('base64url');
  return { sub, authorization: `Bearer e30.${payload}.c2ln`, hash: hashOf('wod', sub) };
}

/** Integers, UUIDs and e-mail addresses by turns. */
export function usersOf(count: number): User[] {
  return Array.from({ length: count }, (_, at) => userOf(subOf(at)));
}

function subOf(at: number): string {
  if (at % 3 === 0) return String(at);
  if (at % 3 === 1) return `3f2504e0-4f89-41d3-9a0c-${at.toString(16).padStart(12, '0')}`;
  return `person.${at}@fit.example`;
}

/** One request and what became of it. Times are of `performance.now()`. */
export type Asked = {
  user: User;
  edge: number;
  sentAt: number;
  answeredAt: number;
  /** Who served it; anything but a 200 without a fallback is told in words. */
  by: string;
};

const SERVED_BY: Readonly<Record<Side, string>> = { old: 'legacy', new: 'coach' };

export type UsersOptions = {
  /** Each has its own kept connections. */
  urls: readonly string[];
  users: readonly User[];
  connections?: number;
};

/** Users who ask at several edges over kept connections. */
export class Users implements AsyncDisposable {
  readonly #users: readonly User[];
  readonly #pools: readonly Pool[];
  readonly #asked: Asked[] = [];
  readonly #stopping = new AbortController();
  #inFlight = 0;
  #running: Promise<void> = Promise.resolve();

  constructor({ urls, users, connections = 8 }: UsersOptions) {
    this.#users = users;
    this.#pools = urls.map((url) => new Pool(url, { connections, pipelining: 1 }));
  }

  get asked(): readonly Asked[] {
    return this.#asked;
  }

  /** One request; never rejects. */
  async ask(user: User, edge: number): Promise<Asked> {
    const sentAt = performance.now();
    this.#inFlight++;
    const by = await this.#servedBy(user, edge);
    this.#inFlight--;
    const asked = { user, edge, sentAt, answeredAt: performance.now(), by };
    this.#asked.push(asked);
    return asked;
  }

  /** So many a second in all from now on, whatever comes back, up to a bound of what is under way. @returns what ends it */
  askSteadily(perSecond: number, maxInFlight = 200): void {
    this.#running = this.#keepAsking(perSecond, maxInFlight);
  }

  async stop(): Promise<readonly Asked[]> {
    this.#stopping.abort();
    await this.#running;
    while (this.#inFlight > 0) await delay(5);
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
    return this.#asked;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #keepAsking(perSecond: number, maxInFlight: number): Promise<void> {
    const startedAt = performance.now();
    for (let count = 0; !this.#stopping.signal.aborted;) {
      const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
      for (; count < due; count++) {
        // One that may not be sent is left out: waiting for its turn it would hide what it waits for.
        if (this.#inFlight < maxInFlight) {
          void this.ask(this.#users[count % this.#users.length]!, count % this.#pools.length);
        }
      }
      await delay(2);
    }
  }

  async #servedBy(user: User, edge: number): Promise<string> {
    const headers = { authorization: user.authorization };
    try {
      const answer = await this.#pools[edge]!.request({ path: '/fitness/wod', method: 'GET', headers });
      await answer.body.text();
      const { 'x-served-by': by, 'x-edge-fallback': fallback } = answer.headers;
      if (answer.statusCode === 200 && fallback === undefined) return String(by);
      return `${answer.statusCode} by ${String(by)}, fallback: ${String(fallback)}`;
    } catch (error) {
      return String(error);
    }
  }
}

/** A weight that was asked for, and when every edge was known to serve it. */
export type Step = { weight: Weight; askedAt: number; inForceAt: number };

export function step(percent: number, askedAt = -Infinity, inForceAt = performance.now()): Step {
  return { weight: weightFromPercent(percent), askedAt, inForceAt };
}

/**
 * The requests that were not served as a weight demanded that may have been in force somewhere between question and
 * answer: a step's from when it was asked for until the next one was known to be in force.
 */
export function misplaced(asked: readonly Asked[], steps: readonly Step[]): readonly object[] {
  return asked.flatMap(({ user, edge, sentAt, answeredAt, by }) => {
    const possible = steps.filter(
      ({ askedAt }, at) => askedAt <= answeredAt && (steps[at + 1]?.inForceAt ?? Infinity) >= sentAt,
    );
    const allowed = new Set(possible.map(({ weight }) => SERVED_BY[sideOfHash(user.hash, weight)]));
    return allowed.has(by) ? [] : [{ user: user.sub, edge, sentAt, answeredAt, by, allowed: [...allowed].join() }];
  });
}
