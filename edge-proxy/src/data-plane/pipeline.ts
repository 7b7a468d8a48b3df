import type { IncomingMessage } from 'node:http';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import { requestIdOf } from '@fit/service-kit/correlation';
import { ProblemError } from '@fit/service-kit/problem';
import { pathOf } from '@fit/service-kit/raw-answer';
import { traceContextOf } from '@fit/service-kit/trace-context';
import { isRepeatable } from '../domain/fallback.ts';
import type { RouteState } from '../domain/route-state.ts';
import { hashOf, sideOfHash } from '../domain/split.ts';
import type { Side } from '../domain/split.ts';
import { NOBODY } from '../domain/weight.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import type { ClientLimits } from './client-limits.ts';
import type { ClientResponse } from './client-response.ts';
import { cohortKeyOf } from './cohort.ts';
import { Exchange } from './exchange.ts';
import type { FollowedRequest, Follower } from './follower.ts';
import type { CallCounter, ForwardPlan, Outcome } from './exchange.ts';
import { answerOptions, answerProblem, methodNotAllowed } from './own-answer.ts';
import { preferredSide } from './preference.ts';
import { readRequestHead } from './request-head.ts';
import type { RequestHead, RequestHeadOptions } from './request-head.ts';
import type { Route, RoutingHolder } from './routing.ts';
import type { RequestTrace, RequestTracing } from './tracing.ts';
import { Upload } from './upload.ts';

/** What put a request on its side. */
export type Assignment = { side: Side; by: 'weight' | 'preference' };

/** Everything worth counting about one request. */
export type RequestRecord = Outcome & {
  /** Undefined for what no route takes. */
  route: Route | undefined;
  assignment: Assignment | undefined;
  /** Where the person stands on the route, 0–0xffffffff; undefined where no route takes the request. */
  hash: number | undefined;
  method: string;
  requestId: string;
  /** Of the trace that the request is part of. */
  traceId?: string | undefined;
};

export type PipelineOptions = {
  routing: RoutingHolder;
  holder: SnapshotHolder;
  trusted: TrustedProxies;
  limits: ClientLimits;
  /** Verifies testers' tokens with the keys that are known, without touching the network. */
  testers: AuthenticateOptions;
  record: (record: RequestRecord) => void;
  called: CallCounter;
  follower: Follower;
  /** Undefined where nobody traces. */
  tracing?: RequestTracing | undefined;
};

type Assigned = {
  /** Of `performance.now()`. */
  startedAt: number;
  req: IncomingMessage;
  res: ClientResponse;
  method: string;
  head: RequestHead;
  route: Route | undefined;
  assignment: Assignment | undefined;
  /** Of a route that something is asked about. */
  hash: number;
  state: RouteState | undefined;
};

const BY_WEIGHT: Readonly<Record<Side, Assignment>> = {
  old: { side: 'old', by: 'weight' },
  new: { side: 'new', by: 'weight' },
};

const NO_ROUTE = { route: undefined, assignment: undefined, hash: 0, state: undefined };

/** What is known of a request that no upstream was asked about. */
export const NOT_FORWARDED = {
  route: undefined,
  assignment: undefined,
  hash: undefined,
  servedBy: undefined,
  madeBy: undefined,
  fallback: undefined,
  withheld: undefined,
  fault: undefined,
  durationMs: 0,
  upstreamMs: 0,
  requestBytes: 0,
  responseBytes: 0,
} as const;

/**
 * The request path, step by step: limits → request id and header hygiene → match → cohort → forward, with the fallback →
 * record. It reads one immutable snapshot and touches no network but the upstream.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #heads: RequestHeadOptions;
  #inFlight = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#heads = { trusted: options.trusted, ...options.limits };
  }

  /** Requests that are being passed on. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes one request of a client from its head to its record. */
  take(req: IncomingMessage, res: ClientResponse): void {
    const { holder, limits } = this.#options;
    const routing = this.#options.routing.current;
    const method = req.method ?? 'GET';
    const head = readRequestHead(req, this.#heads);
    if (head instanceof ProblemError) return this.refuse(req, res, head);
    if (method === 'TRACE') return this.refuse(req, res, methodNotAllowed(method));
    if (head.endsHere) return this.#answerOptions(res, head);
    if (routing.isInternal(head.path)) return this.refuse(req, res, nothingAt(head.path));
    if (res.client!.answers.length > limits.maxUnanswered)
      return this.refuse(req, res, tooManyUnanswered(limits.maxUnanswered));
    if (this.#inFlight >= limits.maxInFlight) return this.refuse(req, res, tooManyInFlight(limits.maxInFlight));
    const route = routing.match(head.path);
    const startedAt = performance.now();
    if (!route) return this.#forward({ ...NO_ROUTE, startedAt, req, res, method, head });
    const hash = hashOf(route.name, cohortKeyOf(route.key, head));
    route.users.add(hash);
    const state = holder.current.get(route.name);
    const side = sideOfHash(hash, state?.weight ?? NOBODY);
    const assigned = { startedAt, req, res, method, head, route, assignment: BY_WEIGHT[side], hash, state };
    if (head.prefer === undefined) return this.#forward(assigned);
    void this.#forwardAsPreferred(assigned, route);
  }

  /** The edge's own verdict on a request that it does not pass on. */
  refuse(req: IncomingMessage, res: ClientResponse, problem: ProblemError): void {
    const requestId = requestIdOf(req.headers);
    const method = req.method ?? 'GET';
    if (problem.headers['connection'] === 'close') res.beLast();
    answerProblem(res, problem, { requestId, path: pathOf(req) });
    const traceId = this.#traceRefusal(req, requestId, problem.status);
    this.#options.record({ ...NOT_FORWARDED, status: problem.status, method, requestId, traceId });
  }

  /** A request that was refused before it came here. */
  note({ headers, method = 'GET' }: IncomingMessage, status: number): void {
    this.#options.record({ ...NOT_FORWARDED, status, method, requestId: requestIdOf(headers) });
  }

  #answerOptions(res: ClientResponse, { requestId }: RequestHead): void {
    answerOptions(res, { requestId });
    this.#options.record({ ...NOT_FORWARDED, status: res.statusCode, method: 'OPTIONS', requestId });
  }

  async #forwardAsPreferred(assigned: Assigned, route: Route): Promise<void> {
    const side = await preferredSide(route, assigned.head, this.#options.testers);
    if (assigned.res.destroyed) return this.#left(assigned);
    const isGone = side === 'old' && assigned.state?.retired === true;
    this.#forward(side && !isGone ? { ...assigned, assignment: { side, by: 'preference' } } : assigned);
  }

  #left({ startedAt, route, assignment, hash, method, head: { requestId } }: Assigned): void {
    const durationMs = performance.now() - startedAt;
    const how = { status: undefined, fault: 'client-left', durationMs } as const;
    this.#options.record({ ...NOT_FORWARDED, route, assignment, hash, method, requestId, ...how });
  }

  #trace({ method, head: { requestId, trace: caller }, route, assignment }: Assigned): RequestTrace | undefined {
    return this.#options.tracing?.began({ method, requestId, caller, route, assignment });
  }

  #traceRefusal({ method = 'GET', headers }: IncomingMessage, requestId: string, status: number): string | undefined {
    const { tracing } = this.#options;
    if (!tracing) return undefined;
    const caller = traceContextOf(headers);
    const trace = tracing.began({ method, requestId, caller, route: undefined, assignment: undefined });
    trace.ended({ ...NOT_FORWARDED, status });
    return trace.traceId;
  }

  #forward(assigned: Assigned): void {
    const { req, res, method, head, route, assignment } = assigned;
    const hash = route && assigned.hash;
    const { record, limits, follower } = this.#options;
    this.#inFlight++;
    const trace = this.#trace(assigned);
    const followed = followedRequest(assigned, trace);
    if (followed) follower.began(followed);
    const upload = head.hasBody
      ? new Upload(req, res, { idleTimeoutMs: limits.bodyIdleTimeoutMs, stalled: (stall) => exchange.stalled(stall) })
      : undefined;
    const { requestId } = head;
    const exchange: Exchange = new Exchange(
      res,
      this.#planFor(assigned, { upload, copy: followed?.copy, trace }),
      (outcome) => {
        this.#inFlight--;
        if (followed) follower.ended(followed, outcome);
        trace?.ended(outcome);
        record({ ...outcome, route, assignment, hash, method, requestId, traceId: trace?.traceId });
      },
    );
    exchange.start();
  }

  #planFor(
    { startedAt, method, head, route, assignment, state }: Assigned,
    parts: Pick<ForwardPlan, 'upload' | 'copy' | 'trace'>,
  ): ForwardPlan {
    const { called, routing } = this.#options;
    const isHarmless = isRepeatable({ method, hasBody: head.hasBody });
    const request = { ...parts, route, startedAt, method, head, called, isRepeatable: isHarmless };
    if (!route || !assignment) {
      const { defaultUpstream } = routing.current;
      const deadlineMs = defaultUpstream.firstByteTimeoutMs;
      const plan = { ...request, deadlineMs, first: defaultUpstream, fallback: undefined, isRetired: false };
      return { ...plan, gate: 'reachability' };
    }
    const { side } = assignment;
    const isRetired = state?.retired === true;
    const isSpared = side === 'new' && request.isRepeatable && !isRetired;
    route.budget.deposit(startedAt);
    return {
      ...request,
      deadlineMs: route.deadlineMs,
      first: route.sides[side],
      gate: side === 'new' ? 'answers' : 'reachability',
      fallback: isSpared ? route.fallback : undefined,
      isRetired,
    };
  }
}

/** At weight 0 there is nothing to judge; what is mirrored is compared at any weight. */
function followedRequest(assigned: Assigned, trace: RequestTrace | undefined): FollowedRequest | undefined {
  const { startedAt, route, assignment, state, hash, method, head } = assigned;
  if (!route || !assignment || !state || (state.weight === NOBODY && state.mirrorShare === NOBODY)) return undefined;
  return { route, assignment, hash, state, method, head, startedAt, copy: undefined, trace };
}

function tooManyUnanswered(limit: number): ProblemError {
  const detail = `More than ${limit} requests of this connection are unanswered`;
  return new ProblemError('overloaded', detail, { headers: { connection: 'close' } });
}

function nothingAt(path: string): ProblemError {
  return new ProblemError('not-found', `There is nothing at ${path}`);
}

function tooManyInFlight(limit: number): ProblemError {
  return new ProblemError('overloaded', `More than ${limit} requests are under way`);
}
