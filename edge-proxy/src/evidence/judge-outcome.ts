import type { EndFault } from '../data-plane/fault.ts';
import { FAILED, NOTHING, REJECTED, SLOW } from './met.ts';
import type { Met } from './met.ts';

/** Of a request's outcome, what says how its person was served. */
export type Service = {
  /** What the client got; undefined if it left before. */
  readonly status: number | undefined;
  /** Whether the other side had to answer. */
  readonly isSaved: boolean;
  readonly fault: EndFault | undefined;
  readonly durationMs: number;
};

export type Expectation = {
  /** What takes longer is slow. */
  readonly objectiveMs: number;
  /** Whether the request carries a token, which is taken for genuine here. */
  readonly hasToken: boolean;
};

/**
 * When a request counts. `at-once`: a server behind accepted its token, or it has none. `if-genuine`: once the edge has
 * verified its token, since whoever forges tokens chooses both side and outcome. `never`: nobody was signed in.
 */
export type Standing = 'at-once' | 'if-genuine' | 'never';

export function standingOf({ status = 0, fault }: Service, hasToken: boolean): Standing {
  if (!hasToken) return isRefusal(status) ? 'never' : 'at-once';
  return fault === undefined && status >= 200 && status < 400 ? 'at-once' : 'if-genuine';
}

/** What a person met by one request; `NOTHING` if all was well. */
export function metBy(service: Service, { objectiveMs, hasToken }: Expectation): Met {
  const { status = 0, fault, durationMs } = service;
  const slow = durationMs > objectiveMs ? SLOW : NOTHING;
  if (hasFailed(service) || (hasToken && isRefusal(status))) return FAILED | slow;
  const isRejected = (status >= 400 && status < 500) || (isOfClient(fault) && slow === NOTHING);
  return isRejected ? REJECTED | slow : slow;
}

function hasFailed({ status = 0, isSaved, fault }: Service): boolean {
  // What cannot be passed on as it is was answered with 400: that is the client's doing.
  const isFault = fault !== undefined && fault !== 'invalid-request' && !isOfClient(fault);
  return isSaved || status >= 500 || isFault;
}

function isOfClient(fault: EndFault | undefined): boolean {
  return fault !== undefined && fault.startsWith('client-');
}

function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}
