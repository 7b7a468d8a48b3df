/** What must hold before the old code may go. */
export type RetirementTerms = {
  /** At 100 % for so long, without a break. */
  readonly fullDays: number;
  /** No request was served by the old side for so long. */
  readonly unusedDays: number;
  /** At most this share of compared answers may differ, with 99 % confidence; 0–100. */
  readonly maxDifferingPercent: number;
  /** A rollback was drilled, or happened, not longer ago. */
  readonly drilledDays: number;
  /** Where the old side itself counts who calls it past the edge; without it that cannot be known. */
  readonly directCalls: DirectCallsCounter | undefined;
};

/** A Prometheus counter of the old side: `NAME{caller="direct"}`. */
export type DirectCallsCounter = { readonly path: string; readonly counter: string };

/** Times of last use, milliseconds since the epoch, and other facts that a restart must not lose. Undefined: never seen. */
export type RouteFacts = {
  /** The old side answered because the weight said so; for the new side, which had failed; for a tester. */
  readonly servedByWeight?: number;
  readonly servedByFallback?: number;
  readonly servedByOverride?: number;
  /** It was called past the edge, as its own metric says. */
  readonly calledDirectly?: number;
  /** Since when all of this is being watched. */
  readonly watchedSince?: number;
  /** Since when the direct calls are, without a gap; and when their counter was last read. */
  readonly directWatchedSince?: number;
  readonly directSeenAt?: number;
  /** When a rollback was last drilled on a live system, and how long it took. */
  readonly drilledAt?: number;
  readonly drillMs?: number;
  /** The last revision of which people were told by webhook. */
  readonly notifiedRevision?: number;
};

/** One condition, and what speaks for or against it. */
export type Condition = {
  readonly name: 'full' | 'unused' | 'parity' | 'drilled';
  readonly met: boolean;
  /** In words, with its numbers. */
  readonly evidence: string;
};
