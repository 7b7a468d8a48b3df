import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import { requestIdOf } from '@fit/service-kit/correlation';
import { ProblemError } from '@fit/service-kit/problem';
import { pathOf } from '@fit/service-kit/raw-answer';
import { isRepeatable, mayFallBack } from '../domain/fallback.ts';
import { sideOf } from '../domain/split.ts';
import type { Side } from '../domain/split.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import { cohortKeyOf } from './cohort.ts';
import { Exchange } from './exchange.ts';
import type { ForwardPlan, Outcome } from './exchange.ts';
import { answerProblem, badRequest, methodNotAllowed } from './own-answer.ts';
import { preferredSide } from './preference.ts';
import { readRequestHead } from './request-head.ts';
import type { RequestHead } from './request-head.ts';
import type { Route, Routing } from './routing.ts';
import type { Upstream } from './upstream.ts';

/** What put a request on its side. */
export type Assignment = { side: Side; by: 'weight' | 'preference' };

/** Everything worth counting about one request. */
export type RequestRecord = Outcome & {
  /** Undefined for what no route takes. */
  route: Route | undefined;
  assignment: Assignment | undefined;
  method: string;
  requestId: string;
  durationMs: number;
};

export type PipelineOptions = {
  routing: Routing;
  holder: SnapshotHolder;
  trusted: TrustedProxies;
  /** Verifies testers' tokens with the keys that are known, without touching the network. */
  testers: AuthenticateOptions;
  record: (record: RequestRecord) => void;
};

/** Takes one request of a client from its head to its record. */
export type Pipeline = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * The request path, step by step: request id and header hygiene → match → cohort → forward, with the fallback → record.
 * It reads one immutable snapshot and touches no network but the upstream.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { routing, holder, trusted, testers } = options;
  return (req, res) => {
    const method = req.method ?? 'GET';
    const head = readRequestHead(req, trusted);
    if ('problem' in head) return refuse(req, res, badRequest(head.problem), options.record);
    if (method === 'TRACE') return refuse(req, res, methodNotAllowed(method), options.record);
    if (routing.isInternal(head.path)) {
      return refuse(req, res, new ProblemError('not-found', `There is nothing at ${head.path}`), options.record);
    }
    const route = routing.match(head.path);
    if (!route) return forward({ req, res, head, route: undefined, assignment: undefined }, options);
    const side = sideOf(route.name, cohortKeyOf(route.key, head), holder.weightOf(route.name));
    if (head.prefer === undefined) {
      return forward({ req, res, head, route, assignment: { side, by: 'weight' } }, options);
    }
    void preferredSide(route, head, testers).then((preferred) => {
      if (res.destroyed) return;
      const assignment: Assignment = preferred ? { side: preferred, by: 'preference' } : { side, by: 'weight' };
      forward({ req, res, head, route, assignment }, options);
    });
  };
}

type Assigned = {
  req: IncomingMessage;
  res: ServerResponse;
  head: RequestHead;
  route: Route | undefined;
  assignment: Assignment | undefined;
};

function forward(assigned: Assigned, { routing, record }: PipelineOptions): void {
  const { req, res, route, assignment } = assigned;
  const startedAt = performance.now();
  const plan = forwardPlan(assigned, routing.defaultUpstream);
  const { requestId } = plan;
  const method = req.method ?? 'GET';
  const onEnd = (outcome: Outcome) =>
    record({ ...outcome, route, assignment, method, requestId, durationMs: performance.now() - startedAt });
  new Exchange(res, plan, onEnd).start();
}

function forwardPlan({ req, res, head, route, assignment }: Assigned, defaultUpstream: Upstream): ForwardPlan {
  const first = route && assignment ? route.sides[assignment.side] : defaultUpstream;
  const method = req.method ?? 'GET';
  const isSpared = assignment !== undefined && mayFallBack({ side: assignment.side, method, hasBody: head.hasBody });
  return {
    requestId: head.requestId,
    path: head.path,
    deadlineMs: route?.deadlineMs ?? defaultUpstream.firstByteTimeoutMs,
    first,
    fallback: isSpared ? route?.sides.old : undefined,
    retryReset: !isSpared && isRepeatable({ method, hasBody: head.hasBody }),
    requestFor: (upstream) => ({
      method,
      path: head.target,
      headers: ['host', upstream.origin.host, ...head.headers],
      body: head.hasBody ? bodyOf(req, res) : null,
    }),
  };
}

/** undici may destroy the body that it is given; the client's connection must outlive that, so the rest is read and dropped. */
function bodyOf(req: IncomingMessage, res: ServerResponse): Readable {
  const body = new PassThrough();
  body.on('error', () => undefined);
  res.once('close', () => req.unpipe(body).resume());
  return req.pipe(body);
}

/** The edge's own verdict on a request that it does not pass on. */
function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  problem: ProblemError,
  record: PipelineOptions['record'],
): void {
  const requestId = requestIdOf(req.headers);
  const method = req.method ?? 'GET';
  answerProblem(res, problem, { requestId, path: pathOf(req) });
  const nothing = {
    route: undefined,
    assignment: undefined,
    servedBy: undefined,
    fallback: undefined,
    fault: undefined,
  };
  record({ ...nothing, status: problem.status, method, requestId, durationMs: 0 });
}
