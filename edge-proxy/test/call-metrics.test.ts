import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';
import { readableLog, seriesOf } from './logged.ts';

const COUNT = 'edge_upstream_request_duration_seconds_count';
const { log, next } = readableLog();
let edge: EdgeUnderTest;

beforeAll(async () => {
  const coachUpstream = { firstByteTimeoutMs: 400, breaker: { failures: 1000, percent: 100, minimumCalls: 10_000 } };
  edge = await startEdgeUnderTest({ log, coachUpstream, route: { initialWeight: 100 } });
});
afterAll(async () => await edge[Symbol.asyncDispose]());

/** Calls by route, upstream and outcome that a request adds. */
async function callsOf(ask: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await seriesOf(edge.adminUrl, COUNT);
  await ask();
  // Its line is the last that is heard of it.
  await next();
  const after = await seriesOf(edge.adminUrl, COUNT);
  const grown = [...after].filter(([series, count]) => count !== (before.get(series) ?? 0));
  return Object.fromEntries(
    grown.map(([series, count]) => {
      const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(series)?.[1];
      return [`${label('route')} ${label('upstream')} ${label('outcome')}`, count - (before.get(series) ?? 0)];
    }),
  );
}

const wod = () => edge.get('/fitness/wod');

test('the first call and its fallback count each, where they happen', async () => {
  edge.coach.behave((_request, res) => sendJson(res, {}));
  expect(await callsOf(wod)).toEqual({ 'wod coach 2xx': 1 });
  edge.coach.behave((_request, res) => void res.writeHead(503).end());
  expect(await callsOf(wod)).toEqual({ 'wod coach 5xx': 1, 'wod legacy 2xx': 1 });
  edge.coach.behave(() => undefined);
  expect(await callsOf(wod)).toEqual({ 'wod coach first-byte-timeout': 1, 'wod legacy 2xx': 1 });
});

test('what no route takes counts without one', async () => {
  edge.legacy.behave((_request, res) => void res.writeHead(404).end('none'));
  expect(await callsOf(() => edge.get('/nowhere'))).toEqual({ 'none legacy 4xx': 1 });
  edge.legacy.behave((_request, res) => void res.writeHead(304).end());
  expect(await callsOf(() => edge.get('/nowhere'))).toEqual({ 'none legacy 3xx': 1 });
});

test('a call on a kept connection that was closed, and its second try, are two', async () => {
  edge.legacy.behave((_request, res) => sendJson(res, {}));
  expect(await callsOf(() => edge.get('/kept'))).toEqual({ 'none legacy 2xx': 1 });
  let calls = 0;
  edge.legacy.behave((_request, res) => (calls++ === 0 ? void res.socket!.destroy() : sendJson(res, {})));
  expect(await callsOf(() => edge.get('/kept'))).toEqual({ 'none legacy reset': 1, 'none legacy 2xx': 1 });
});

test('a call that nobody waits for any more is abandoned', async () => {
  const leaving = new AbortController();
  edge.legacy.behave(() => leaving.abort());
  const left = () => edge.get('/slow', { signal: leaving.signal }).catch(() => undefined);
  expect(await callsOf(left)).toEqual({ 'none legacy abandoned': 1 });
});

test('an answer that breaks off is its fault', async () => {
  edge.legacy.behave((_request, res) => {
    res.writeHead(200, { 'content-length': '10' });
    res.write('half', () => res.socket!.destroy());
  });
  const cut = () => edge.get('/cut').catch(() => undefined);
  expect(await callsOf(cut)).toEqual({ 'none legacy reset': 1 });
  const requests = [...(await seriesOf(edge.adminUrl, 'edge_request_duration_seconds_count')).keys()];
  expect(requests.filter((series) => series.includes('status="cut"'))).toHaveLength(1);
});

test('a status that nobody registered is one label value, like all others of its kind', async () => {
  for (const status of [299, 418, 499, 599]) {
    edge.legacy.behave((_request, res) => void res.writeHead(status, 'Odd').end());
    await edge.get('/odd');
    await next();
  }
  const statuses = [...(await seriesOf(edge.adminUrl, 'edge_request_duration_seconds_count')).keys()];
  const of = (status: string) => statuses.filter((series) => series.includes(`status="${status}"`)).length;
  expect([of('299'), of('418'), of('499'), of('599'), of('other')]).toEqual([0, 1, 0, 0, 1]);
});

test('the pool to each upstream shows its bound and its open connections', async () => {
  edge.legacy.behave((_request, res) => sendJson(res, {}));
  await edge.get('/a');
  await next();
  const limit = await seriesOf(edge.adminUrl, 'edge_upstream_calls_limit');
  const open = await seriesOf(edge.adminUrl, 'edge_upstream_connections');
  expect([...limit.values()].every((bound) => bound > 0)).toBe(true);
  expect(limit.size).toBe(2);
  const toLegacy = [...open].find(([series]) => series.includes('legacy'))![1];
  expect(toLegacy).toBeGreaterThanOrEqual(1);
  await edge.legacy.refuse();
  let left = toLegacy;
  while (left > 0) {
    const now = await seriesOf(edge.adminUrl, 'edge_upstream_connections');
    left = [...now].find(([series]) => series.includes('legacy'))![1];
  }
});
