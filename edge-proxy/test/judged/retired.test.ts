import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Behaviour } from '@fit/test-kit/recorder';
import { startPlane } from './plane-under-test.ts';
import type { PlaneUnderTest } from './plane-under-test.ts';

let plane: PlaneUnderTest;
beforeEach(async () => {
  plane = await startPlane();
  plane.putInForce({ retired: true });
});
afterEach(async () => await plane[Symbol.asyncDispose]());

describe('of a retired route, a fault', () => {
  test.each<[string, Behaviour]>([
    ['a reset', (_request, res) => void res.socket?.resetAndDestroy()],
    ['no HTTP', (_request, res) => void res.socket?.end('SSH-2.0-OpenSSH\r\n\r\n')],
  ])('that is %s gives 503, and the old side is not asked', async (_, behaviour) => {
    plane.coach.behave(behaviour);
    const { status, headers, body } = await plane.get();
    expect([status, headers['retry-after'], headers['x-edge-fallback']]).toEqual([503, '1', undefined]);
    expect(JSON.parse(body)).toMatchObject({ type: 'dependency-unavailable', status: 503 });
    expect(plane.legacy.requests).toEqual([]);
  });

  test('that is a hang gives 503', async () => {
    await plane[Symbol.asyncDispose]();
    plane = await startPlane({ firstByteTimeoutMs: 200 });
    plane.putInForce({ retired: true });
    plane.coach.behave(() => undefined);
    expect(await plane.get()).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(plane.legacy.requests).toEqual([]);
  });

  test('that is a refusal gives 503, to an upload too', async () => {
    await plane.coach.refuse();
    for (const method of ['GET', 'POST'] as const) expect(await plane.get({ method })).toMatchObject({ status: 503 });
    expect(plane.legacy.requests).toEqual([]);
  });

  test("is not what the new side answers itself: that is the client's", async () => {
    plane.coach.behave((_request, res) => void res.writeHead(500).end('sorry'));
    expect(await plane.get()).toMatchObject({ status: 500, body: 'sorry' });
  });
});

test('of a route that is not retired, the same fault still says what it is', async () => {
  plane.putInForce({ retired: false });
  await plane.legacy.refuse();
  plane.coach.behave((_request, res) => void res.socket?.resetAndDestroy());
  expect((await plane.get({ method: 'POST' })).status).toBe(502);
});

test('a tester who prefers the old side of a retired route is served by the new one', async () => {
  const authorization = `Bearer ${plane.tokens.issue({ roles: ['tester'] })}`;
  const headers = { authorization, 'x-edge-prefer': 'legacy' };
  expect((await plane.get({ headers })).headers['x-served-by']).toBe('coach');
  expect(plane.followed[0]!.request.assignment).toEqual({ side: 'new', by: 'weight' });
  plane.putInForce({ retired: false });
  expect((await plane.get({ headers })).headers['x-served-by']).toBe('legacy');
});

test('no client can pass its request off as a mirrored one', async () => {
  await plane.get({ headers: { 'X-Edge-Mirror': '1', 'x-edge-anything': '1' } });
  const ours = Object.keys(plane.coach.requests[0]!.headers).filter((name) => name.startsWith('x-edge-'));
  expect(ours).toEqual(['x-edge-timeout-ms']);
});
