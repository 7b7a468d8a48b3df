import type {
  AuditPage,
  ChangedRoute,
  Cohort,
  Drill,
  MirrorRequest,
  ParityView,
  Preview,
  RampRequest,
  ReasonRequest,
  RetirementView,
  RollbackRequest,
  RouteView,
  Session,
  Traffic,
  WeightRequest,
} from '@fit/edge-proxy/admin-api/schemas';
import { NoAnswerError, RefusedError, problemFrom } from './problem.ts';

/** How long a change waits until every edge serves it; after that it is in force all the same, and said to be under way. */
const WAIT_MS = 3000;
/** A request that was not answered by then is not going to be. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A drill is two changes, and waits for every edge in between. */
const DRILL_TIMEOUT_MS = 60_000;

type Ask = {
  method?: string;
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
};

/** What an operator may do with a ramp that is under way. */
export type RampOrder = 'pause' | 'resume' | 'freeze';

/**
 * The admin API, below the address of this page. Every call rejects with `RefusedError` or `NoAnswerError`.
 *
 * @param onUnauthorized told why, whenever the token is not accepted
 */
export function createAdminClient(token: string, onUnauthorized: (why: string) => void) {
  async function ask<Answer>(path: string, options: Ask = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, ...options.headers };
    try {
      return (await askAdmin(path, { ...options, headers })) as Answer;
    } catch (error) {
      if (error instanceof RefusedError && error.problem.status === 401) onUnauthorized(error.message);
      throw error;
    }
  }
  const below = (route: string) => `routes/${encodeURIComponent(route)}`;
  const change = (route: string, what: string, options: Ask) =>
    ask<ChangedRoute>(`${below(route)}/${what}?${query({ wait_ms: WAIT_MS })}`, { method: 'POST', ...options });
  const following = (revision: number) => ({ 'if-match': `"${revision}"` });
  return {
    session: () => ask<Session>('session'),
    route: (route: string) => ask<RouteView>(below(route)),
    history: (route: string, signal: AbortSignal) =>
      ask<{ samples: Traffic[] }>(`${below(route)}/traffic`, { signal }).then(({ samples }) => samples),
    preview: (route: string, weight: number, signal: AbortSignal) =>
      ask<Preview>(`${below(route)}/preview?${query({ weight })}`, { signal }),
    cohort: (route: string, user: string, weight?: number) =>
      ask<Cohort>(`${below(route)}/cohort?${query({ user, weight })}`),
    audit: (page: { route: string | undefined; before?: string; limit: number }) =>
      ask<AuditPage>(`audit?${query(page)}`),
    parity: (route: string, signal: AbortSignal) => ask<ParityView>(`${below(route)}/parity`, { signal }),
    retirement: (route: string, signal: AbortSignal) => ask<RetirementView>(`${below(route)}/retirement`, { signal }),
    // Whoever passes a revision has seen it: 412 if it is not the current one any more.
    changeWeight: (route: string, revision: number, body: WeightRequest) =>
      change(route, 'weight', { method: 'PUT', body, headers: following(revision) }),
    rollback: (route: string, body: RollbackRequest) => change(route, 'rollback', { body }),
    startRamp: (route: string, revision: number, body: RampRequest) =>
      change(route, 'ramp', { body, headers: following(revision) }),
    promoteRamp: (route: string, revision: number, body: ReasonRequest) =>
      change(route, 'promote', { body, headers: following(revision) }),
    steerRamp: (route: string, order: RampOrder, body: ReasonRequest) => change(route, order, { body }),
    setMirror: (route: string, revision: number, body: MirrorRequest) =>
      change(route, 'mirror', { body, headers: following(revision) }),
    retire: (route: string, revision: number, body: ReasonRequest) =>
      change(route, 'retire', { body, headers: following(revision) }),
    unretire: (route: string, revision: number, body: ReasonRequest) =>
      change(route, 'unretire', { body, headers: following(revision) }),
    drill: (route: string, body: ReasonRequest) =>
      ask<Drill>(`${below(route)}/drill`, { method: 'POST', body, timeoutMs: DRILL_TIMEOUT_MS }),
    /** The stream of states; its body is read until `signal` says otherwise. */
    events: async (signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
      const response = await send('events', { headers: { authorization: `Bearer ${token}` }, signal });
      if (response.ok && response.body) return response.body;
      const refused = new RefusedError(problemFrom(response.status, await jsonOf(response)));
      if (response.status === 401) onUnauthorized(refused.message);
      throw refused;
    },
  };
}

export type AdminClient = ReturnType<typeof createAdminClient>;

/** The token that a login code stands for; once. */
export async function exchangeCode(code: string): Promise<string> {
  const { token } = (await askAdmin('logins', { method: 'POST', body: { code } })) as { token: string };
  return token;
}

async function askAdmin(path: string, { signal, timeoutMs = ANSWER_TIMEOUT_MS, ...options }: Ask): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await send(path, { ...options, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  const body = await jsonOf(response);
  if (!response.ok) throw new RefusedError(problemFrom(response.status, body));
  if (body === undefined) throw new NoAnswerError('an answer without JSON');
  return body;
}

async function send(path: string, { method = 'GET', body, headers, signal }: Ask): Promise<Response> {
  try {
    return await fetch(new URL(`admin/v1/${path}`, document.baseURI), {
      method,
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      credentials: 'omit',
      cache: 'no-store',
    });
  } catch (error) {
    throw new NoAnswerError(error);
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text()) as unknown;
  } catch {
    return undefined;
  }
}

function query(members: Record<string, string | number | undefined>): URLSearchParams {
  const given = Object.entries(members).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
