import type { FollowedRequest } from '../data-plane/follower.ts';
import type { Outcome } from '../data-plane/exchange.ts';
import type { Mirror, MirrorRefusal } from '../data-plane/mirror.ts';
import type { MirrorFault, WholeAnswer } from '../data-plane/mirror-call.ts';
import type { Side } from '../domain/split.ts';
import type { Difference } from './comparator.ts';
import { isIgnored } from './comparison.ts';
import { readAnswer, unpack } from './decode-answer.ts';
import type { MirrorRecord } from './mirror-telemetry.ts';
import type { Skip } from './parity-book.ts';
import type { RouteWatch } from './route-watch.ts';
import type { SpareTime } from './spare-time.ts';

export type PairCheckOptions = {
  mirror: Mirror;
  spare: SpareTime;
  now: () => number;
  /** Of day, for the samples that are kept. */
  date: () => Date;
  mirrored: (record: MirrorRecord) => void;
  failed: (watch: RouteWatch, error: unknown) => void;
};

/** A request that was answered, with the copy of its answer. */
export type Answered = { readonly watch: RouteWatch; readonly request: FollowedRequest; readonly outcome: Outcome };

type Compared = 'same' | 'different';

/** The field of pairs of which only the client's own answer is there. */
const UNANSWERED = 'answer';

/** Processor time of a call, and of a megabyte that it reads; rounded up from what was measured. */
const CALL_MS = 0.2;
const MEGABYTE_MS = 2;
/** What is read in vain, its connection lost, says the same each time: a few a second will do. */
const TOO_LARGE_MS = 5;

/** Asks the side that did not answer, and lays both answers beside each other. */
export class PairCheck {
  readonly #options: PairCheckOptions;

  constructor(options: PairCheckOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async make(answered: Answered): Promise<void> {
    const { watch, request } = answered;
    const side = otherSide(answered);
    const startedAt = this.#options.now();
    const why = this.#refusal(answered, side);
    const result = why ?? (await this.#ask(answered, side));
    if (result !== 'same' && result !== 'different') watch.book.skipped(request.state.mirrorEpoch, result);
    this.#options.mirrored({
      route: watch.route,
      side,
      result,
      durationMs: why === undefined ? this.#options.now() - startedAt : undefined,
    });
  }

  /** Why nothing is sent at all: what cannot be compared at once is dropped, never queued. */
  #refusal({ watch, request: { route, copy }, outcome }: Answered, side: Side): Skip | undefined {
    if (outcome.fallback !== undefined) return 'fallback';
    if (isRefused(outcome)) return 'refused';
    if (copy?.isTooLarge) return 'too-large';
    if (!copy?.isWhole || outcome.servedBy === undefined) return 'not-whole';
    const refusal = this.#options.mirror.refusalOf(route.sides[side], this.#options.now());
    if (refusal !== undefined) return refusal;
    if (watch.mirrorsInFlight >= watch.mirror.maxInFlight) return 'in-flight';
    return this.#options.spare.isThere ? undefined : 'busy';
  }

  async #ask(answered: Answered, side: Side): Promise<Compared | Skip> {
    const { watch, request } = answered;
    watch.mirrorsInFlight++;
    try {
      const answer = await this.#options.mirror.copy(request, request.route.sides[side], watch.mirror);
      this.#options.spare.spend(costOf(answer));
      if (typeof answer === 'string') return this.#unanswered(answered, side, answer);
      const pair = { [side]: answer, [side === 'old' ? 'new' : 'old']: request.copy! } as Record<Side, WholeAnswer>;
      return await this.#compare(answered, pair);
    } catch (error) {
      this.#options.failed(watch, error);
      return 'comparator-failed';
    } finally {
      watch.mirrorsInFlight--;
    }
  }

  /** What one side answers and the other does not is a difference. What the edge itself did not want is none. */
  #unanswered(answered: Answered, side: Side, why: MirrorFault | MirrorRefusal): Compared | Skip {
    const { mirror, compare } = answered.watch;
    if ((why !== 'no-answer' && why !== 'timeout') || isIgnored(UNANSWERED, compare)) return why;
    const missing = why === 'timeout' ? `timeout after ${mirror.timeoutMs} ms` : 'refused, reset, or cut';
    const none = `no answer: ${missing}`;
    const live = String(answered.request.copy!.status);
    return this.#note(answered, [
      { field: UNANSWERED, old: side === 'old' ? none : live, new: side === 'new' ? none : live },
    ]);
  }

  async #compare(answered: Answered, pair: Record<Side, WholeAnswer>): Promise<Compared | Skip> {
    const { comparator, mirror } = answered.watch;
    const old = await unpack(pair.old, mirror.maxBodyBytes);
    if (typeof old === 'string') return old;
    const fresh = await unpack(pair.new, mirror.maxBodyBytes);
    if (typeof fresh === 'string') return fresh;
    return await this.#options.spare.use(() =>
      this.#note(answered, comparator.compare(readAnswer(old), readAnswer(fresh))),
    );
  }

  #note({ watch: { book, redactor }, request }: Answered, differences: readonly Difference[]): Compared {
    const at = this.#options.date().toISOString();
    book.compared(request.state.mirrorEpoch, differences, { requestId: request.head.requestId, at, redactor });
    return differences.length === 0 ? 'same' : 'different';
  }
}

/** Whether the client got an answer of 400 or above. */
export function isRefused({ status = 0 }: Outcome): boolean {
  return status >= 400;
}

function costOf(answer: WholeAnswer | string): number {
  if (answer === 'too-large') return TOO_LARGE_MS;
  return CALL_MS + (typeof answer === 'object' ? (answer.body.length / 1e6) * MEGABYTE_MS : 0);
}

/** After a fallback the one that failed; if nobody answered, the one that the request was not assigned to. */
function otherSide({ request: { route, assignment }, outcome: { servedBy } }: Answered): Side {
  if (servedBy === route.sides.old) return 'new';
  if (servedBy === route.sides.new) return 'old';
  return assignment.side === 'old' ? 'new' : 'old';
}
