import { expect } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import type { Problem } from '@fit/contracts/problem';
import { request } from 'undici';
import type { ChangedRoute, RouteView } from '../schemas.ts';
import type { AdminServer } from './admin-server.ts';

export type Sent = {
  /** Default: an operator's. */
  token?: string;
  ifMatch?: string | string[];
  /** JSON, unless it is text or bytes, which are sent as they are. */
  body?: unknown;
  headers?: Record<string, string | string[]>;
};

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The text as JSON, whichever of them it is; without members if it is no JSON. */
  body: Partial<ChangedRoute> & Partial<Problem> & { routes?: RouteView[] };
};

export const WOD = '/admin/v1/routes/wod';

export async function send(server: AdminServer, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { token = server.tokenFor('operator'), ifMatch, body, headers } = sent;
  const answer = await request(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...headers,
    },
    body: encoded(body),
    reset: true,
  });
  const text = await answer.body.text();
  const isJson = String(answer.headers['content-type']).includes('json');
  const json = isJson ? (JSON.parse(text) as Answer['body']) : {};
  return { status: answer.statusCode, headers: answer.headers, text, body: json };
}

/** Sets the weight of `wod` to 10 %, following revision 0, unless `sent` says otherwise. */
export async function putWeight(server: AdminServer, sent: Sent = {}): Promise<Answer> {
  return await send(server, 'PUT', `${WOD}/weight`, {
    ifMatch: '"0"',
    body: { weight: 10, reason: 'first step' },
    ...sent,
  });
}

export function expectProblem({ status, headers, body }: Answer, expectedStatus: number, type: string): void {
  expect({ status, type: body.type }).toEqual({ status: expectedStatus, type });
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect(problemSchema.parse(body)).toMatchObject({ status: expectedStatus, service: 'edge-proxy' });
}

/** Neither what is in force nor what is stored has ever changed. */
export async function expectUntouched({ holder, store }: AdminServer): Promise<void> {
  expect([...holder.current.values()].map(({ revision }) => revision)).toEqual([0, 0]);
  expect((await store.load()).states).toEqual(new Map());
}

function encoded(body: unknown): string | Buffer | null {
  if (body === undefined) return null;
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}
