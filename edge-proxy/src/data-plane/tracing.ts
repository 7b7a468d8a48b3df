import type { TraceContext } from '@fit/service-kit/trace-context';
import type { CallEnd } from './attempt.ts';
import type { Outcome } from './exchange.ts';
import type { FallbackReason } from './fault.ts';
import type { MirrorFault } from './mirror-call.ts';
import type { MirrorRefusal } from './mirror.ts';
import type { Assignment } from './pipeline.ts';
import type { Route } from './routing.ts';
import type { Upstream } from './upstream.ts';

/** Whoever follows requests as traces; there is none where nobody traces. Called on the request path: never throws, never waits. */
export type RequestTracing = { began(request: TracedRequest): RequestTrace };

export type TracedRequest = {
  method: string;
  requestId: string;
  /** What the client says its request is part of. */
  caller: TraceContext | undefined;
  /** Undefined for what no route takes. */
  route: Route | undefined;
  assignment: Assignment | undefined;
};

/** One request of a client. */
export type RequestTrace = {
  readonly traceId: string;
  /** Begins a call that the request causes; its copy comes when the request itself is over. */
  call(call: TracedCall): CallTrace;
  /** Once. */
  ended(outcome: TracedOutcome): void;
};

export type TracedOutcome = Pick<Outcome, 'status' | 'servedBy' | 'fallback' | 'withheld' | 'fault'>;

export type TracedCall = {
  method: string;
  upstream: Upstream;
  /** `first`: whoever the person is assigned to. `fetch`: something that a check of the edge's own needs to know. */
  kind: 'first' | 'retry' | 'fallback' | 'mirror' | 'fetch';
  /** Why another one is asked. */
  reason: FallbackReason | undefined;
};

/** One call to an upstream. */
export type CallTrace = {
  /** What the upstream is told of the trace: names and values in turn. */
  readonly headers: readonly string[];
  answered(status: number): void;
  /** A second time it means nothing. @param end undefined for a whole answer */
  ended(end: CallEnd | MirrorFault | MirrorRefusal | undefined): void;
};
