import type { Logger } from '@fit/service-kit/logger';
import { AnswerCopy } from '../data-plane/answer-copy.ts';
import type { Outcome } from '../data-plane/exchange.ts';
import type { FollowedRequest, Follower } from '../data-plane/follower.ts';
import { Mirror } from '../data-plane/mirror.ts';
import type { Upstream } from '../data-plane/upstream.ts';
import type { ParityReport } from '../domain/parity.ts';
import { sumOfParity } from '../domain/sum-parity.ts';
import { EVERYBODY } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import type { Comparators } from './load-comparators.ts';
import { LiveCheck } from './live-check.ts';
import type { MirrorTelemetry } from './mirror-telemetry.ts';
import { PairCheck, isRefused } from './pair-check.ts';
import type { Answered } from './pair-check.ts';
import { RouteWatch } from './route-watch.ts';
import type { WatchedRoute } from './route-watch.ts';
import { SpareTime } from './spare-time.ts';
import { WorkBudget } from './work-budget.ts';

export type ParityOptions = {
  telemetry: MirrorTelemetry;
  logger: Logger;
  /** Is told of each answer whose content was looked at, soon after it ended. */
  invalid: (request: FollowedRequest, isBroken: boolean) => void;
  /** 0 up to 1. */
  random?: () => number;
  /** Of `performance.now()`. */
  now?: () => number;
  date?: () => Date;
  /** Processor time of this thread, milliseconds. */
  usedMs?: () => number;
};

export type ParityParts = {
  routes: readonly WatchedRoute[];
  comparators: Comparators;
  /** All there are. */
  upstreams: Iterable<Upstream>;
};

type Wanted = { readonly watch: RouteWatch; readonly isMirrored: boolean; readonly isChecked: boolean };

/** Milliseconds of a second of this thread. */
const SPARE = { pairs: 30, checks: 20 };

/**
 * Compares the sides of routes beside the requests of people: copies a share of safe requests to the side that did not answer,
 * and looks at the content of a share of what people got. On the request path it only decides whether an answer is kept.
 */
export class Parity implements Follower {
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #mirror = new Mirror();
  readonly #pairs: PairCheck;
  readonly #checks: LiveCheck;
  readonly #wanted = new WeakMap<FollowedRequest, Wanted>();
  #watches: ReadonlyMap<string, RouteWatch> = new Map();

  constructor({ telemetry, logger, invalid, ...world }: ParityOptions) {
    const { random = Math.random, now = () => performance.now(), date = () => new Date(), usedMs = threadMs } = world;
    const spare = (msPerSecond: number) => new SpareTime(new WorkBudget({ msPerSecond, usedMs, now }));
    const failed = (watch: RouteWatch, error: unknown) => this.#failed(watch, error);
    const { mirrored, checked } = telemetry;
    this.#random = random;
    this.#now = now;
    this.#logger = logger;
    this.#pairs = new PairCheck({ mirror: this.#mirror, spare: spare(SPARE.pairs), now, date, mirrored, failed });
    this.#checks = new LiveCheck({ mirror: this.#mirror, spare: spare(SPARE.checks), now, checked, invalid, failed });
  }

  /** Puts a route file in force: what was found of routes that stay is kept. */
  configure({ routes, comparators, upstreams }: ParityParts): void {
    const before = this.#watches;
    this.#mirror.configure(upstreams);
    this.#watches = new Map(
      routes.map((route): [string, RouteWatch] => {
        const comparator = comparators.get(route.name);
        if (!comparator) throw new Error(`There is no comparator for the route ${route.name}`);
        const known = before.get(route.name);
        known?.configure(route, comparator);
        return [route.name, known ?? new RouteWatch(route, comparator)];
      }),
    );
  }

  /** The route is another one from now on: what was found of it before says nothing of it. To be called before `configure`. */
  forget(route: string): void {
    this.#watches = new Map([...this.#watches].filter(([name]) => name !== route));
  }

  began(request: FollowedRequest): void {
    const watch = this.#watches.get(request.route.name);
    if (!watch || request.assignment.by !== 'weight') return;
    const isMirrored = this.#isMirrored(request);
    const isChecked = this.#isChecked(watch, request);
    if (!isMirrored && !isChecked) return;
    if (!watch.mayCopy) {
      if (isMirrored) watch.book.skipped(request.state.mirrorEpoch, 'busy');
      return;
    }
    watch.copies++;
    request.copy ??= new AnswerCopy(watch.mirror.maxBodyBytes);
    this.#wanted.set(request, { watch, isMirrored, isChecked });
  }

  ended(request: FollowedRequest, outcome: Outcome): void {
    const watch = this.#watches.get(request.route.name);
    // Who is refused, forged tokens and all, takes nobody's place.
    if (watch?.checksContent && isCheckable(request) && !isRefused(outcome)) watch.checkShare.answered(this.#now());
    // Most requests are neither copied nor checked.
    const wanted = request.copy && this.#wanted.get(request);
    if (!wanted) return;
    wanted.watch.copies--;
    setImmediate(() => this.#follow(wanted, { watch: wanted.watch, request, outcome }));
  }

  /** Whether a route has rules for the content of its answers, and they are switched on. */
  checksContent(route: string): boolean {
    return this.#watches.get(route)?.checksContent ?? false;
  }

  /** What this edge found on a route since its mirroring began at that revision. */
  reportOf(route: string, mirrorEpoch: Revision): ParityReport {
    return this.#watches.get(route)?.book.report(mirrorEpoch) ?? sumOfParity([]);
  }

  async close(): Promise<void> {
    this.#watches = new Map();
    await this.#mirror.close();
  }

  #follow({ isMirrored, isChecked }: Wanted, answered: Answered): void {
    // Both bound what they start, and neither rejects.
    if (isMirrored) void this.#pairs.make(answered);
    if (isChecked) void this.#checks.make(answered);
  }

  /** Only what is safe is sent twice, and a retired old side is to be left in peace. */
  #isMirrored({ method, head, state }: FollowedRequest): boolean {
    const isSafe = (method === 'GET' || method === 'HEAD') && !head.hasBody;
    return isSafe && !state.retired && state.mirrorShare > 0 && this.#random() * EVERYBODY < state.mirrorShare;
  }

  /** Drawn alike for both sides, before anything of the answer is known. */
  #isChecked(watch: RouteWatch, request: FollowedRequest): boolean {
    if (!watch.checksContent || !isCheckable(request)) return false;
    return this.#random() < watch.checkShare.at(this.#now(), watch.compare.checkPercent);
  }

  #failed(watch: RouteWatch, error: unknown): void {
    if (watch.hasFailed) return;
    watch.hasFailed = true;
    const why = watch.redactor.value('', error instanceof Error ? error.message : String(error));
    this.#logger.warn({ route: watch.route, why }, 'a comparator failed; what it was given is not compared');
  }
}

function isCheckable({ assignment, method }: FollowedRequest): boolean {
  return assignment.by === 'weight' && method === 'GET';
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
