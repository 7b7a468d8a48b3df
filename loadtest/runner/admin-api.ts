import { problemSchema } from '@fit/contracts/problem';
import { z } from 'zod';
import { LoadTestError } from './failures.ts';

/** With `revision`, only if it is the one in force. */
export type Change = { method: 'PUT' | 'POST'; path: string; body: object; revision?: number };

const ROUTE = 'wod';
const TIMEOUT_MS = 10_000;
/** Until then edges that share a store are waited for, so that a change is in force wherever people ask. */
const EVERYWHERE_WITHIN_MS = 5000;
const PRECONDITION_FAILED = 412;

const routeSchema = z.object({
  weight: z.number(),
  revision: z.int(),
  changed_by: z.string().nullish(),
  reason: z.string().nullish(),
});
export type RouteView = z.infer<typeof routeSchema>;

/** The route as it is in force on one edge. Errors: LoadTestError with the server's reason. */
export async function readRoute(url: string, token: string): Promise<RouteView> {
  return viewOf(url, await call(url, token, { method: 'GET', path: '' }));
}

/**
 * @returns the route after the change, undefined if another revision is in force
 * @throws LoadTestError with the server's reason
 */
export async function changeRoute(url: string, token: string, change: Change): Promise<RouteView | undefined> {
  const answer = await call(url, token, { ...change, path: `${change.path}?wait_ms=${EVERYWHERE_WITHIN_MS}` });
  return answer.status === PRECONDITION_FAILED ? undefined : viewOf(url, answer);
}

type Call = Omit<Change, 'method' | 'body'> & { method: Change['method'] | 'GET'; body?: object };
type ApiAnswer = { status: number; content: unknown };

function viewOf(url: string, { content }: ApiAnswer): RouteView {
  const route = routeSchema.safeParse(content);
  if (route.success) return route.data;
  throw new LoadTestError('not-possible', `${url} answers, but not as the admin API of an edge does`);
}

async function call(url: string, token: string, { method, path, body, revision }: Call): Promise<ApiAnswer> {
  const answer = await fetch(`${url}/admin/v1/routes/${ROUTE}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(revision !== undefined && { 'if-match': `"${revision}"` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new LoadTestError('not-possible', `The admin API ${url} cannot be reached`, { cause });
  });
  const content: unknown = await answer.json().catch(() => undefined);
  if (answer.ok || answer.status === PRECONDITION_FAILED) return { status: answer.status, content };
  const problem = problemSchema.safeParse(content);
  const why = problem.success ? problem.data.detail : 'no reason given';
  throw new LoadTestError('not-possible', `The admin API ${url} refuses (${answer.status}): ${why}`);
}
