import type { FollowedRequest } from '../data-plane/follower.ts';
import type { Mirror } from '../data-plane/mirror.ts';
import type { Side } from '../domain/split.ts';
import { bearerClaims } from './bearer-claims.ts';
import type { CheckContext, Violation } from './comparator.ts';
import { readAnswer, unpack } from './decode-answer.ts';
import type { Unpacked } from './decode-answer.ts';
import type { MirrorTelemetry } from './mirror-telemetry.ts';
import { isRefused } from './pair-check.ts';
import type { Answered } from './pair-check.ts';
import type { RouteWatch } from './route-watch.ts';
import type { SpareTime } from './spare-time.ts';

export type LiveCheckOptions = {
  mirror: Mirror;
  spare: SpareTime;
  now: () => number;
  checked: MirrorTelemetry['checked'];
  /** For the gate: the answer to this request was looked at, and whether it breaks a rule. */
  invalid: (request: FollowedRequest, isBroken: boolean) => void;
  failed: (watch: RouteWatch, error: unknown) => void;
};

/** A rule of the edge's own: what it cannot look at is nothing that anybody vouches for. */
const UNREADABLE: Readonly<Record<'too-large' | 'unreadable', Violation>> = {
  'too-large': { rule: 'readable', found: 'larger than what is kept' },
  unreadable: { rule: 'readable', found: 'in a content coding that is not known' },
};

const MOST_CHECKS_IN_FLIGHT = 16;
const MOST_FETCHES_IN_FLIGHT = 4;
/** A module's check that does not come to its end. */
const CHECK_TIMEOUT_MS = 30_000;

/** Looks at the content of answers that people got: what the gate on content rests on. */
export class LiveCheck {
  readonly #options: LiveCheckOptions;

  constructor(options: LiveCheckOptions) {
    this.#options = options;
  }

  /**
   * Checks an answer below 400 that is whole, or too large to be kept; any other is left alone, and so is one that there is
   * no time for. Never rejects.
   */
  async make({ watch, request, outcome }: Answered): Promise<void> {
    const side = sideOf(request, outcome.servedBy);
    const { copy } = request;
    // What the old side answered in place of the new one counts as a failure already.
    if (!side || outcome.fallback !== undefined || isRefused(outcome)) return;
    if (!copy?.isWhole && !copy?.isTooLarge) return;
    if (watch.checksInFlight >= MOST_CHECKS_IN_FLIGHT || !this.#options.spare.isThere) return;
    watch.checksInFlight++;
    try {
      const unpacked = copy.isTooLarge ? 'too-large' : await unpack(copy, watch.mirror.maxBodyBytes);
      const violations =
        typeof unpacked === 'string' ? [UNREADABLE[unpacked]] : await this.#violations(watch, request, unpacked);
      this.#report({ watch, request, side, violations });
      // What cannot be looked at says nothing of either side: it holds a ramp for want of checks, and sends nobody back.
      if (typeof unpacked !== 'string') this.#options.invalid(request, violations.length > 0);
    } catch (error) {
      this.#options.failed(watch, error);
    } finally {
      watch.checksInFlight--;
    }
  }

  /** Whether there is time for it was asked before it was unpacked: a side that packs its answers is not checked less often. */
  async #violations(watch: RouteWatch, request: FollowedRequest, unpacked: Unpacked) {
    const context = this.#contextOf(watch, request);
    // Within an object, since a promise would be awaited before its time is charged.
    const begun = await this.#options.spare.finish(() => ({
      violations: watch.comparator.check!(readAnswer(unpacked), context),
    }));
    return await inTime(begun.violations);
  }

  #report({ watch, request, side, violations }: Reported): void {
    const isBroken = violations.length > 0;
    watch.book.checked(request.state.mirrorEpoch, side, violations);
    this.#options.checked({ route: watch.route, side, isBroken });
  }

  #contextOf(watch: RouteWatch, request: FollowedRequest): CheckContext {
    const { method, head } = request;
    return {
      method,
      target: head.target,
      claims: bearerClaims(head.authorization),
      fetchFromOld: async (target) => await this.#fetch(watch, request, target),
    };
  }

  async #fetch(watch: RouteWatch, as: FollowedRequest, target: string): Promise<unknown> {
    const { mirror, now } = this.#options;
    const { old } = as.route.sides;
    const isFree = watch.fetchesInFlight < MOST_FETCHES_IN_FLIGHT && mirror.refusalOf(old, now()) === undefined;
    if (!isFree || as.head.authorization === undefined || !watch.fetches.take(now())) return undefined;
    watch.fetchesInFlight++;
    try {
      const answer = await mirror.get({ target, as }, old, watch.mirror);
      if (typeof answer === 'string' || answer.status !== 200) return undefined;
      const unpacked = await unpack(answer, watch.mirror.maxBodyBytes);
      return typeof unpacked === 'string' ? undefined : readAnswer(unpacked).body;
    } finally {
      watch.fetchesInFlight--;
    }
  }
}

type Reported = { watch: RouteWatch; request: FollowedRequest; side: Side; violations: readonly Violation[] };

function sideOf({ route: { sides } }: FollowedRequest, servedBy: unknown): Side | undefined {
  if (servedBy === sides.new) return 'new';
  return servedBy === sides.old ? 'old' : undefined;
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
    timer.unref();
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
