import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import type { Problem } from '@fit/contracts/problem';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeSettings, EdgeUnderTest } from '../edge-under-test.ts';
import { RawClient } from './raw-client.ts';
import type { RawAnswer } from './raw-client.ts';
import { valueOf } from './raw-message.ts';
import { HEALTHY, RawUpstream } from './raw-upstream.ts';

/** A request that must never arrive: it follows every request that is to be refused. */
export const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

/** One bad answer after another would open a breaker, and no further one would be asked for. */
export const NEVER_OPEN = { failures: 1000, percent: 100, minimumCalls: 10_000 };

/** A real edge before a raw upstream, and raw clients before it. */
export class Wire {
  readonly upstream: RawUpstream;
  readonly edge: EdgeUnderTest;
  readonly #clients = new Set<RawClient>();

  constructor(edge: EdgeUnderTest, upstream: RawUpstream) {
    this.edge = edge;
    this.upstream = upstream;
  }

  /** @param settings as for every edge under test; `legacyUpstream` without a URL is the raw upstream */
  static async start({ legacyUpstream, ...settings }: EdgeSettings = {}): Promise<Wire> {
    const upstream = await new RawUpstream().listen();
    const url = upstream.url;
    const edge = await startEdgeUnderTest({
      ...settings,
      legacyUpstream: { url, breaker: NEVER_OPEN, ...legacyUpstream },
    });
    return new Wire(edge, upstream);
  }

  /** A client on a connection of its own. */
  client(bytes = ''): RawClient {
    const client = new RawClient(this.edge.url);
    this.#clients.add(client);
    client.socket.once('close', () => this.#clients.delete(client));
    return bytes === '' ? client : client.send(bytes);
  }

  /** One request and its answer, on a connection of its own. */
  async ask(bytes: string): Promise<RawAnswer> {
    const client = this.client(bytes);
    const answer = await client.answer(bytes.split(' ', 1)[0]);
    client.leave();
    return answer;
  }

  get(target: string, ...fields: string[]): Promise<RawAnswer> {
    return this.ask(get(target, ...fields));
  }

  /** A healthy request is answered, and all that came before it has had its chance to reach the upstream. */
  async expectHealthy(): Promise<void> {
    const { status, body } = await this.get(HEALTHY);
    expect({ status, body }).toEqual({ status: 200, body: HEALTHY });
  }

  /** Nothing but healthy requests has reached the upstream. */
  async expectNothingArrived(): Promise<void> {
    await this.expectHealthy();
    expect(this.upstream.requests.map(({ target }) => target).filter((target) => target !== HEALTHY)).toEqual([]);
  }

  tidy(): void {
    for (const client of this.#clients) client.leave('RST');
    this.upstream.forget();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tidy();
    await this.edge[Symbol.asyncDispose]();
    await this.upstream.close();
  }
}

/**
 * One edge for all tests of a file or of a `describe`; nothing may ever have smuggled a request through it. Tests that run at
 * the same time share what it has seen.
 */
export function wireForAll(settings?: EdgeSettings): () => Wire {
  let wire: Wire;
  beforeAll(async () => (wire = await Wire.start(settings)));
  beforeEach(() => wire.tidy());
  afterAll(async () => {
    const { everSeen } = wire.upstream;
    await wire[Symbol.asyncDispose]();
    expect([...everSeen]).not.toContain('/smuggled');
  });
  return () => wire;
}

/** A GET request; the last field wins over `Host: a` only if it is a `Host` itself. */
export function get(target: string, ...fields: string[]): string {
  return request('GET', target, ...fields);
}

export function request(method: string, target: string, ...fields: string[]): string {
  const host = fields.some((field) => /^host\s*:/i.test(field)) ? [] : ['Host: a'];
  return `${[`${method} ${target} HTTP/1.1`, ...host, ...fields].join('\r\n')}\r\n\r\n`;
}

export function post(target: string, body: string, ...fields: string[]): string {
  return request('POST', target, ...fields, `Content-Length: ${body.length}`) + body;
}

/** The edge's own answer, as every service of the project sends its problems. */
export function expectProblem(answer: RawAnswer, status: number): Problem {
  expect(answer.status).toBe(status);
  expect(valueOf(answer, 'content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(JSON.parse(answer.body));
  expect(problem).toMatchObject({ status, service: 'edge-proxy' });
  expect(problem.correlation_id).toBe(valueOf(answer, 'x-request-id'));
  expect(problem.correlation_id).not.toBe('');
  return problem;
}

/** A refusal that ends the connection, with nothing after it. */
export async function expectRefusalAndClose(client: RawClient, status: number): Promise<Problem> {
  const answer = await client.answer();
  const problem = expectProblem(answer, status);
  expect(answer.interim).toEqual([]);
  expect(valueOf(answer, 'connection')).toBe('close');
  expect(await client.rest()).toBe('');
  expect(client.ending).toBe('end');
  return problem;
}
