import type { AuditPage, ChangedRoute, ReplicaList, RouteView } from '../../src/admin-api/schemas.ts';
import { entityTag } from '../../src/admin-api/schemas.ts';

/** Where an admin API is. */
type Edge = { adminUrl: string };

/** What an admin API answered, and after what time. */
export type Reply<Body> = { status: number; body: Body & { type?: string; detail?: string }; tookMs: number };

export type Asking = { body?: object; revision?: number };

/** Somebody who steers edges through their admin APIs, as `edgectl` does. */
export class Operator {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async ask<Body>(edge: Edge, line: string, { body, revision }: Asking = {}): Promise<Reply<Body>> {
    const [method = '', path = ''] = line.split(' ');
    const startedAt = performance.now();
    const answer = await fetch(`${edge.adminUrl}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(revision !== undefined && { 'if-match': entityTag(revision) }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answered = (await answer.json()) as Reply<Body>['body'];
    return { status: answer.status, body: answered, tookMs: performance.now() - startedAt };
  }

  async route(edge: Edge, name = 'wod'): Promise<RouteView> {
    return (await this.ask<RouteView>(edge, `GET /routes/${name}`)).body;
  }

  async replicas(edge: Edge): Promise<ReplicaList> {
    return (await this.ask<ReplicaList>(edge, 'GET /replicas')).body;
  }

  async audit(edge: Edge): Promise<AuditPage> {
    return (await this.ask<AuditPage>(edge, 'GET /audit?limit=500')).body;
  }

  /** Without a revision: the one that this edge serves. */
  async setWeight(
    edge: Edge,
    weight: number,
    { waitMs = 0, revision }: { waitMs?: number; revision?: number } = {},
  ): Promise<Reply<ChangedRoute>> {
    return await this.ask<ChangedRoute>(edge, `PUT /routes/wod/weight?wait_ms=${waitMs}`, {
      body: { weight, reason: `to ${weight}` },
      revision: revision ?? (await this.route(edge)).revision,
    });
  }

  async rollBack(edge: Edge, reason = 'back'): Promise<Reply<ChangedRoute>> {
    return await this.ask<ChangedRoute>(edge, 'POST /routes/wod/rollback', { body: { reason } });
  }

  /** A counter of its metrics with all its labels: their sum; 0 if it has none. */
  async metric(edge: Edge, name: string): Promise<number> {
    const text = await (await fetch(`${edge.adminUrl}/metrics`)).text();
    const series = text.split('\n').filter((line) => line.startsWith(`${name}{`));
    return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
}
