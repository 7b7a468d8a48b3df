import type {
  AuditPage,
  ChangedRoute,
  Cohort,
  Preview,
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

type Ask = { method?: string; body?: object; headers?: Record<string, string>; signal?: AbortSignal | undefined };

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
    /** @param revision that the operator has seen; 412 if it is not the current one any more */
    changeWeight: (route: string, revision: number, change: WeightRequest) =>
      ask<ChangedRoute>(`${below(route)}/weight?${query({ wait_ms: WAIT_MS })}`, {
        method: 'PUT',
        body: change,
        headers: { 'if-match': `"${revision}"` },
      }),
    rollback: (route: string, request: RollbackRequest) =>
      ask<ChangedRoute>(`${below(route)}/rollback?${query({ wait_ms: WAIT_MS })}`, { method: 'POST', body: request }),
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

async function askAdmin(path: string, { signal, ...options }: Ask): Promise<unknown> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
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
