import { problemSchema } from '@fit/contracts/problem';
import type { Problem } from '@fit/contracts/problem';
import { request } from 'undici';
import type { z } from 'zod';
import {
  changedRouteSchema,
  entityTag,
  routeListSchema,
  routeViewSchema,
  routingSchema,
} from '../admin-api/schemas.ts';
import type { ChangedRoute, RollbackRequest, RouteView, Routing, WeightRequest } from '../admin-api/schemas.ts';
import { CommandError, EXIT } from './exit-code.ts';

export type AdminClientOptions = {
  /** `http://host:port` of the admin listener. */
  url: string;
  token: string;
  /** For a whole request; default 10,000. */
  timeoutMs?: number;
};

type Call<Schema extends z.ZodType> = {
  method: 'GET' | 'PUT' | 'POST';
  path: string;
  answer: Schema;
  body?: object;
  revision?: number;
};

export const HOW_TO_GET_A_TOKEN = 'export EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator)';

/** The admin API over HTTP. Everything that does not succeed is a CommandError with one line to show. */
export class AdminClient {
  readonly #url: string;
  readonly #token: string;
  readonly #timeoutMs: number;

  constructor({ url, token, timeoutMs = 10_000 }: AdminClientOptions) {
    this.#url = url;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  async listRoutes(): Promise<RouteView[]> {
    return (await this.#call({ method: 'GET', path: 'routes', answer: routeListSchema })).routes;
  }

  async getRouting(): Promise<Routing> {
    return await this.#call({ method: 'GET', path: 'routing', answer: routingSchema });
  }

  async getRoute(route: string): Promise<RouteView> {
    return await this.#call({ method: 'GET', path: `routes/${encodeURIComponent(route)}`, answer: routeViewSchema });
  }

  /** @param revision the one that the change follows */
  async putWeight(route: string, body: WeightRequest, revision: number): Promise<ChangedRoute> {
    const path = `routes/${encodeURIComponent(route)}/weight`;
    return await this.#call({ method: 'PUT', path, answer: changedRouteSchema, body, revision });
  }

  async rollback(route: string, body: RollbackRequest): Promise<ChangedRoute> {
    const path = `routes/${encodeURIComponent(route)}/rollback`;
    return await this.#call({ method: 'POST', path, answer: changedRouteSchema, body });
  }

  async #call<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.output<Schema>> {
    const { status, content } = await this.#send(call);
    if (status === 200) {
      const result = call.answer.safeParse(content);
      if (result.success) return result.data;
    }
    const problem = problemSchema.safeParse(content);
    if (problem.success) throw refused(problem.data);
    throw new CommandError(
      EXIT.unreachable,
      `${this.#url} answers (${status}), but not as the admin API of an edge does`,
    );
  }

  async #send({ method, path, body, revision }: Call<z.ZodType>): Promise<{ status: number; content: unknown }> {
    try {
      const { statusCode, body: answer } = await request(`${this.#url}/admin/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
          ...(revision !== undefined && { 'if-match': entityTag(revision) }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(this.#timeoutMs),
        // One command, one connection: nothing is left open.
        reset: true,
      });
      return { status: statusCode, content: parseJson(await answer.text()) };
    } catch (error) {
      throw this.#unreachable(error, method);
    }
  }

  #unreachable(cause: unknown, method: string): CommandError {
    const { name, code, message } = cause as NodeJS.ErrnoException;
    const why = name === 'TimeoutError' ? `no answer within ${this.#timeoutMs} ms` : (code ?? message);
    // A connection that was refused carried nothing; after any other failure the server may have had the change.
    const unsure = method !== 'GET' && code !== 'ECONNREFUSED' && code !== 'ENOTFOUND';
    const advice = unsure ? '; the change may be in force: look with edgectl status' : '';
    return new CommandError(EXIT.unreachable, `${this.#url} cannot be reached: ${why}${advice}`, { cause });
  }
}

function refused({ type, status, detail, correlation_id }: Problem): CommandError {
  const advice: Record<number, string> = {
    401: ` A new token: ${HOW_TO_GET_A_TOKEN}`,
    412: ' Look with edgectl status, then decide again.',
  };
  const message = `${type}: ${detail}.${advice[status] ?? ''} (correlation id ${correlation_id})`;
  return new CommandError(status === 412 ? EXIT.conflict : EXIT.refused, message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
