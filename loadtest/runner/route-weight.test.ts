import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RouteWeight } from './route-weight.ts';

/** An admin API as an edge has it; `meanwhile` is another operator, who is faster. */
async function startEdge(weight: number) {
  const state = { weight, revision: 3, meanwhile: 0, reasons: [] as string[] };
  const server = createServer((req, res) => {
    const answer = (status: number) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(state));
    if (req.method === 'GET') return void answer(200);
    void json(req).then((body) => {
      const change = body as { weight?: number; reason: string };
      if (state.meanwhile-- > 0) state.revision++;
      if (req.method === 'PUT' && req.headers['if-match'] !== `"${state.revision}"`) return answer(412);
      state.revision++;
      state.weight = change.weight ?? 0;
      state.reasons.push(`${req.url!.split('/').at(-1)}: ${change.reason}`);
      return answer(200);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { state, url: `http://127.0.0.1:${port}`, stop: () => server.close().closeAllConnections() };
}

let edges: Awaited<ReturnType<typeof startEdge>>[];
const find = async () =>
  await RouteWeight.find({ adminUrls: edges.map(({ url }) => url), token: 'a.b.c', reason: 'load test: rollout' });
const weights = () => edges.map(({ state }) => state.weight);

beforeEach(async () => {
  edges = [await startEdge(10), await startEdge(25)];
});
afterEach(() => {
  for (const edge of edges) edge.stop();
});

describe('the weight of a route', () => {
  test('is set on every edge, and restored on each to what was found there', async () => {
    const weight = await find();
    expect(weight.found).toBe(10);
    const change = await weight.set(50);
    expect(weights()).toEqual([50, 50]);
    expect(change.weight).toBe(50);
    expect(change.answeredAt).toBeGreaterThanOrEqual(change.askedAt);
    await weight.rollBack();
    expect(weights()).toEqual([0, 0]);
    await weight.restore();
    expect(weights()).toEqual([10, 25]);
    const reason = 'load test: rollout';
    expect(edges[0]!.state.reasons).toEqual([`weight: ${reason}`, `rollback: ${reason}`, `weight: ${reason}`]);
  });

  test('that is in force already is not set again', async () => {
    const weight = await find();
    await weight.restore();
    expect(edges.map(({ state }) => state.revision)).toEqual([3, 3]);
  });

  test('is decided again when somebody else was faster, but not for ever', async () => {
    const weight = await find();
    edges[0]!.state.meanwhile = 2;
    await weight.set(50);
    expect(weights()).toEqual([50, 50]);
    edges[0]!.state.meanwhile = 100;
    await expect(weight.set(75)).rejects.toThrow(/somebody else keeps changing the weight$/);
  });

  test('cannot be read where no edge answers', async () => {
    edges[1]!.stop();
    await expect(find()).rejects.toThrow(/^The admin API .* cannot be reached$/);
  });
});
