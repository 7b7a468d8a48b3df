import { EDGE_MIRROR, EDGE_TIMEOUT } from '@fit/contracts/headers';
import type { UpstreamRequest } from './attempt.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { FollowedRequest } from './follower.ts';
import { MirrorCall } from './mirror-call.ts';
import type { MirrorCallBounds, MirrorFault, WholeAnswer } from './mirror-call.ts';
import { headersFor } from './request-head.ts';
import type { CallTrace } from './tracing.ts';
import type { Upstream } from './upstream.ts';

export type MirrorRefusal =
  | 'breaker-open'
  /** The upstream is not configured any more. */
  | 'gone';

/** An unused connection is closed before most servers would close it. */
const KEEP_ALIVE_MS = 4000;

type Pools = ReadonlyMap<Upstream, ConnectionPool>;

/**
 * Calls of the edge's own to upstreams, beside those of people: on connections of their own, outside the places, breakers and
 * health of real traffic. How many there are at a time is bounded by whoever makes them.
 */
export class Mirror {
  #pools: Pools = new Map();

  /** The upstreams there are now; connections to others end. */
  configure(upstreams: Iterable<Upstream>): void {
    const before = this.#pools;
    this.#pools = new Map(
      [...upstreams].map((upstream) => [upstream, before.get(upstream) ?? connectionsTo(upstream)] as const),
    );
    for (const [upstream, pool] of before) if (!this.#pools.has(upstream)) void pool.close();
  }

  /** Why the upstream may not be asked now; undefined if it may. */
  refusalOf(upstream: Upstream, now: number): MirrorRefusal | undefined {
    if (!this.#pools.has(upstream)) return 'gone';
    const { health } = upstream;
    const isWell = health.stateAt('answers', now) === 'closed' && health.stateAt('reachability', now) === 'closed';
    return isWell ? undefined : 'breaker-open';
  }

  /** The same request once more, for another upstream: marked, and without a body. */
  async copy(
    { method, head, trace }: FollowedRequest,
    to: Upstream,
    bounds: MirrorCallBounds,
  ): Promise<WholeAnswer | MirrorFault | MirrorRefusal> {
    const call = trace?.call({ method, upstream: to, kind: 'mirror', reason: undefined });
    const headers = [...headersFor(head, to.origin.host, bounds.timeoutMs, call?.headers), EDGE_MIRROR, '1'];
    return ended(call, await this.#call({ method, path: head.target, headers, body: null }, to, bounds));
  }

  /** A GET of the edge's own, as somebody who sent a request. @param target path and query */
  async get(
    { target, as: { head, trace } }: { target: string; as: FollowedRequest },
    from: Upstream,
    bounds: MirrorCallBounds,
  ): Promise<WholeAnswer | MirrorFault | MirrorRefusal> {
    const call = trace?.call({ method: 'GET', upstream: from, kind: 'fetch', reason: undefined });
    const headers = ['host', from.origin.host, EDGE_TIMEOUT, String(bounds.timeoutMs), EDGE_MIRROR, '1'];
    headers.push('accept', 'application/json', 'x-request-id', head.requestId);
    if (head.authorization !== undefined) headers.push('authorization', head.authorization);
    if (call) headers.push(...call.headers);
    return ended(call, await this.#call({ method: 'GET', path: target, headers, body: null }, from, bounds));
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools = new Map();
    await Promise.all(pools.map(async (pool) => await pool.close()));
  }

  async #call(request: UpstreamRequest, to: Upstream, bounds: MirrorCallBounds) {
    const pool = this.#pools.get(to);
    if (!pool) return 'gone';
    const connection = pool.take();
    const { isReused } = connection;
    const call = new MirrorCall(connection, bounds);
    const answer = await call.make(request);
    pool.giveBack(connection);
    if (answer !== 'no-answer') return answer;
    // No calls to what is not configured any more come to their end.
    if (this.#pools.get(to) !== pool) return 'gone';
    // A kept connection may have been closed as idle just when it was used.
    return isReused && !call.hasBegun ? await this.#callAnew(request, pool, bounds) : answer;
  }

  async #callAnew(request: UpstreamRequest, pool: ConnectionPool, bounds: MirrorCallBounds) {
    const connection = pool.takeFresh();
    const answer = await new MirrorCall(connection, bounds).make(request);
    pool.giveBack(connection);
    return answer;
  }
}

function ended<Answer extends WholeAnswer | MirrorFault | MirrorRefusal>(
  call: CallTrace | undefined,
  answer: Answer,
): Answer {
  if (typeof answer === 'object') call?.answered(answer.status);
  call?.ended(typeof answer === 'object' ? undefined : answer);
  return answer;
}

function connectionsTo({ origin, connectTimeoutMs }: Upstream): ConnectionPool {
  return new ConnectionPool(origin, {
    connectTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // A call has one time limit for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
