import { z } from 'zod';

/** As much of what the admin API says as is looked at here; its OpenAPI document has all of it. */

const routeSchema = z.object({
  weight: z.number(),
  revision: z.int(),
  sentence: z.string(),
  ramp: z.object({ phase: z.string(), step: z.int(), started_at_revision: z.int() }).nullable(),
  health: z.object({ new: z.object({ state: z.string() }) }),
});
export type RouteView = z.infer<typeof routeSchema>;

const gateSchema = z.object({ gate: z.string(), verdict: z.string(), sentence: z.string() });

const auditEntrySchema = z.object({
  revision: z.int(),
  actor: z.string(),
  at: z.string(),
  reason: z.string(),
  after: z.object({ weight: z.number(), ramp: z.object({ phase: z.string(), step: z.int() }).nullable() }),
  verdicts: z.array(gateSchema),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const verdictSchema = z.object({
  gates: z.array(gateSchema),
  decision: z.object({ kind: z.string(), sentence: z.string() }).nullable(),
  is_leading: z.boolean(),
});
export type VerdictView = z.infer<typeof verdictSchema>;

type Call = { method: 'GET' | 'POST'; path: string; body?: object; revision?: number };

/** The admin APIs of edges, asked with the token of this machine. */
export class AdminApi {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async route(url: string): Promise<RouteView> {
    return routeSchema.parse(await this.#call(url, { method: 'GET', path: '/routes/wod' }));
  }

  /** Newest first. */
  async audit(url: string): Promise<AuditEntry[]> {
    const page = await this.#call(url, { method: 'GET', path: '/audit?route=wod&limit=200' });
    return z.object({ entries: z.array(auditEntrySchema) }).parse(page).entries;
  }

  async verdict(url: string): Promise<VerdictView> {
    return verdictSchema.parse(await this.#call(url, { method: 'GET', path: '/routes/wod/verdict' }));
  }

  /** By a plan such as `25 % for 10 s, 100 %`. @returns the revision that began it */
  async startRamp(url: string, plan: { steps: string }, reason: string): Promise<number> {
    const { revision } = await this.route(url);
    const started = await this.#call(url, {
      method: 'POST',
      path: '/routes/wod/ramp',
      body: { plan, reason },
      revision,
    });
    return routeSchema.parse(started).revision;
  }

  /** Everybody to the old side, by the operator. */
  async rollBack(url: string, reason: string): Promise<void> {
    await this.#call(url, { method: 'POST', path: '/routes/wod/rollback?wait_ms=5000', body: { reason } });
  }

  /** A link to the page that logs in by itself; good once, for a minute. */
  async pageLink(url: string): Promise<string> {
    const answer = await this.#call(url, { method: 'POST', path: '/login-codes' });
    const { code } = z.object({ code: z.string() }).parse(answer);
    return `${url}/#code=${encodeURIComponent(code)}`;
  }

  async #call(url: string, { method, path, body, revision }: Call): Promise<unknown> {
    const answer = await fetch(`${url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(revision !== undefined && { 'if-match': `"${revision}"` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was refused (${answer.status}): ${text}`);
    return JSON.parse(text);
  }
}
