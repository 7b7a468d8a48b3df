import { problemSchema } from '@fit/contracts/problem';
import { z } from 'zod';
import { LoadTestError } from './failures.ts';

/** When a weight came into force: somewhere from `askedAt` to `answeredAt`, epoch milliseconds. */
export type WeightChange = { weight: number; askedAt: number; answeredAt: number };

type RouteWeightOptions = { adminUrls: readonly string[]; token: string; reason: string };
type Call = { method: 'GET' | 'PUT' | 'POST'; path: string; body?: object; revision?: number };

const ROUTE = 'wod';
const TIMEOUT_MS = 10_000;
/** Somebody else may change the route at the same time, but not all the time. */
const ATTEMPTS = 5;
const PRECONDITION_FAILED = 412;

const routeSchema = z.object({ weight: z.number(), revision: z.int() });

/** The weight of the route on every edge, over the admin API. Errors: LoadTestError with the server's reason. */
export class RouteWeight {
  readonly #options: RouteWeightOptions;
  readonly #found: number[];

  private constructor(options: RouteWeightOptions, found: number[]) {
    this.#options = options;
    this.#found = found;
  }

  /** Reads what is in force, so that it can be restored. */
  static async find(options: RouteWeightOptions): Promise<RouteWeight> {
    const views = await Promise.all(options.adminUrls.map((url) => read(url, options.token)));
    return new RouteWeight(
      options,
      views.map(({ weight }) => weight),
    );
  }

  /** What was in force at the start, of the first edge. */
  get found(): number | undefined {
    return this.#found[0];
  }

  async set(weight: number): Promise<WeightChange> {
    return await this.#onEach(weight, (url) => this.#put(url, weight));
  }

  /** Everybody back to the old side, whatever the revision. */
  async rollBack(): Promise<WeightChange> {
    const { token, reason } = this.#options;
    return await this.#onEach(0, async (url) => {
      await call(url, token, { method: 'POST', path: '/rollback', body: { reason } });
    });
  }

  async restore(): Promise<void> {
    const { adminUrls } = this.#options;
    await Promise.all(adminUrls.map((url, index) => this.#put(url, this.#found[index] ?? 0)));
  }

  async #onEach(weight: number, change: (url: string) => Promise<void>): Promise<WeightChange> {
    const askedAt = Date.now();
    await Promise.all(this.#options.adminUrls.map(change));
    return { weight, askedAt, answeredAt: Date.now() };
  }

  async #put(url: string, weight: number): Promise<void> {
    const { token, reason } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { revision, weight: inForce } = await read(url, token);
      if (inForce === weight) return;
      const { status } = await call(url, token, { method: 'PUT', path: '/weight', body: { weight, reason }, revision });
      if (status !== PRECONDITION_FAILED) return;
    }
    throw new LoadTestError('not-possible', `${url}: somebody else keeps changing the weight`);
  }
}

async function read(url: string, token: string): Promise<z.infer<typeof routeSchema>> {
  const { content } = await call(url, token, { method: 'GET', path: '' });
  const route = routeSchema.safeParse(content);
  if (route.success) return route.data;
  throw new LoadTestError('not-possible', `${url} answers, but not as the admin API of an edge does`);
}

async function call(
  url: string,
  token: string,
  { method, path, body, revision }: Call,
): Promise<{ status: number; content: unknown }> {
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
