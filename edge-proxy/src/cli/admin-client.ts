import { problemSchema } from '@fit/contracts/problem';
import type { Problem } from '@fit/contracts/problem';
import { request } from 'undici';
import type { z } from 'zod';
import {
  auditPageSchema,
  changedRouteSchema,
  cohortSchema,
  drillSchema,
  entityTag,
  loginCodeSchema,
  paritySchema,
  previewSchema,
  replicaListSchema,
  retirementSchema,
  routeListSchema,
  routeViewSchema,
  routingSchema,
  verdictSchema,
} from '../admin-api/schemas.ts';
import type {
  AuditPage,
  ChangedRoute,
  Cohort,
  Drill,
  LoginCode,
  MirrorRequest,
  ParityView,
  Preview,
  RampRequest,
  ReasonRequest,
  ReplicaList,
  RetirementView,
  RollbackRequest,
  RouteView,
  Routing,
  VerdictView,
  WeightRequest,
} from '../admin-api/schemas.ts';
import { HOW_TO_GET_A_TOKEN } from './admin-token.ts';
import { CommandError, EXIT } from './exit-code.ts';

export type AdminClientOptions = {
  /** `http://host:port` of the admin listener. */
  url: string;
  token: string;
  /** For a whole request, besides what the request itself waits for; default 10,000. */
  timeoutMs?: number;
};

/** As whom the edge answers. */
const EDGE = 'edge-proxy';
const RIGHT_URL =
  "Is it the edge's admin listener? --url or EDGE_ADMIN_URL must lead to its ADMIN_PORT, not to where users come in";

/** Changes of a route by `POST routes/{route}/VERB`, and what each takes. */
type Orders = {
  rollback: RollbackRequest;
  ramp: RampRequest;
  pause: ReasonRequest;
  resume: ReasonRequest;
  promote: ReasonRequest;
  freeze: ReasonRequest;
  mirror: MirrorRequest;
  retire: ReasonRequest;
  unretire: ReasonRequest;
};

/**
 * - `revision`: the one that the change follows
 * - `waitMs`: how long to wait until every edge serves it, 0–30,000
 */
type Follow = { revision: number; waitMs?: number };

/** A drill has ended after so long, whether every edge has served it or not. */
const DRILL_MS = 20_000;

type Query = Record<string, string | number | undefined>;

type Call<Schema extends z.ZodType> = {
  method: 'GET' | 'PUT' | 'POST';
  path: string;
  answer: Schema;
  query?: Query;
  body?: object;
  revision?: number;
  /** How long the server may wait before it answers, if it is told to. */
  waitMs?: number;
  /** How much longer than usual an answer may take anyway. */
  extraMs?: number;
  signal?: AbortSignal | undefined;
};

/** The admin API over HTTP. Everything that does not succeed is a CommandError with one line to show. */
export class AdminClient {
  readonly url: string;
  readonly #token: string;
  readonly #timeoutMs: number;

  constructor({ url, token, timeoutMs = 10_000 }: AdminClientOptions) {
    this.url = url;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  /** @param signal gives up */
  async listRoutes(signal?: AbortSignal): Promise<RouteView[]> {
    return (await this.#call({ method: 'GET', path: 'routes', answer: routeListSchema, signal })).routes;
  }

  /** @param signal gives up */
  async getRouting(signal?: AbortSignal): Promise<Routing> {
    return await this.#call({ method: 'GET', path: 'routing', answer: routingSchema, signal });
  }

  async getRoute(route: string): Promise<RouteView> {
    return await this.#get(pathOf(route), routeViewSchema);
  }

  /** @param weight percent; the one in force if absent */
  async getCohort(route: string, user: string, weight: number | undefined): Promise<Cohort> {
    return await this.#get(`${pathOf(route)}/cohort`, cohortSchema, { user, weight });
  }

  /** @param weight percent */
  async getPreview(route: string, weight: number): Promise<Preview> {
    return await this.#get(`${pathOf(route)}/preview`, previewSchema, { weight });
  }

  async getAudit(query: {
    route?: string | undefined;
    limit: number;
    before?: string | undefined;
  }): Promise<AuditPage> {
    return await this.#get('audit', auditPageSchema, query);
  }

  /** @param signal gives up */
  async getReplicas(signal?: AbortSignal): Promise<ReplicaList> {
    return await this.#call({ method: 'GET', path: 'replicas', answer: replicaListSchema, signal });
  }

  async createLoginCode(): Promise<LoginCode> {
    return await this.#call({ method: 'POST', path: 'login-codes', answer: loginCodeSchema });
  }

  async getVerdict(route: string): Promise<VerdictView> {
    return await this.#get(`${pathOf(route)}/verdict`, verdictSchema);
  }

  async getParity(route: string): Promise<ParityView> {
    return await this.#get(`${pathOf(route)}/parity`, paritySchema);
  }

  async getRetirement(route: string): Promise<RetirementView> {
    return await this.#get(`${pathOf(route)}/retirement`, retirementSchema);
  }

  async putWeight(route: string, body: WeightRequest, { revision, waitMs = 0 }: Follow): Promise<ChangedRoute> {
    const path = `${pathOf(route)}/weight`;
    return await this.#call({ method: 'PUT', path, answer: changedRouteSchema, body, revision, waitMs });
  }

  /** Any other change of a route; `follow.revision` where the order follows one. */
  async order<Verb extends keyof Orders>(
    route: string,
    verb: Verb,
    body: Orders[Verb],
    follow: Partial<Follow> = {},
  ): Promise<ChangedRoute> {
    const path = `${pathOf(route)}/${verb}`;
    return await this.#call({ method: 'POST', path, answer: changedRouteSchema, body, ...follow });
  }

  /** Takes as long as the edges need to serve a rollback, and its way forth. */
  async drill(route: string, body: ReasonRequest): Promise<Drill> {
    const path = `${pathOf(route)}/drill`;
    return await this.#call({ method: 'POST', path, answer: drillSchema, body, extraMs: DRILL_MS });
  }

  async #get<Schema extends z.ZodType>(path: string, answer: Schema, query: Query = {}): Promise<z.output<Schema>> {
    return await this.#call({ method: 'GET', path, answer, query });
  }

  async #call<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.output<Schema>> {
    const { status, content } = await this.#send(call);
    if (status >= 200 && status < 300) {
      const result = call.answer.safeParse(content);
      if (result.success) return result.data;
    }
    const { data: problem } = problemSchema.safeParse(content);
    if (problem?.service === EDGE) throw refused(problem);
    const doubt = status >= 400 && status < 500 ? '' : unsure(call);
    const who = problem ? `${problem.service} answers at ${this.url}` : `${this.url} answers`;
    throw new CommandError(
      EXIT.unreachable,
      `${who} (${status}), but not as the admin API of an edge does${doubt}. ${RIGHT_URL}`,
    );
  }

  async #send(call: Call<z.ZodType>): Promise<{ status: number; content: unknown }> {
    const { method, path, query = {}, body, revision, waitMs = 0, extraMs = 0, signal } = call;
    const timeoutMs = this.#timeoutMs + waitMs + extraMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const search = searchOf({ ...query, ...(waitMs > 0 && { wait_ms: waitMs }) });
    try {
      const { statusCode, body: answer } = await request(`${this.url}/admin/v1/${path}${search}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
          ...(revision !== undefined && { 'if-match': entityTag(revision) }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
        // One command, one connection: nothing is left open.
        reset: true,
      });
      return { status: statusCode, content: parseJson(await answer.text()) };
    } catch (error) {
      throw this.#unreachable(error, call, timeoutMs);
    }
  }

  #unreachable(cause: unknown, call: Call<z.ZodType>, timeoutMs: number): CommandError {
    const { name, code, message } = cause as NodeJS.ErrnoException;
    const why = name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : (code ?? message);
    // A connection that was refused carried nothing; after any other failure the server may have had the change.
    const advice = code === 'ECONNREFUSED' || code === 'ENOTFOUND' ? '' : unsure(call);
    return new CommandError(EXIT.unreachable, `${this.url} cannot be reached: ${why}${advice}`, { cause });
  }
}

/** What is to be said of a call whose answer the edge did not give. */
function unsure({ method, path }: Call<z.ZodType>): string {
  const isChange = method !== 'GET' && path.startsWith('routes/');
  return isChange ? '; the change may be in force: look with edgectl status' : '';
}

function pathOf(route: string): string {
  return `routes/${encodeURIComponent(route)}`;
}

function searchOf(query: Query): string {
  const present = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return present.length > 0 ? `?${new URLSearchParams(Object.fromEntries(present)).toString()}` : '';
}

function refused({ type, status, detail, correlation_id }: Problem): CommandError {
  const advice: Record<number, string> = {
    401: ` A new token: ${HOW_TO_GET_A_TOKEN}`,
    412: ' Look with edgectl status, then decide again.',
  };
  const message = `${type}: ${detail}.${advice[status] ?? ''} (correlation id ${correlation_id})`;
  return new CommandError(status === 412 ? EXIT.conflict : EXIT.refused, message, { status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
