import { describe, expect, test } from '@jest/globals';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { answering, found, rig, started, until } from './mirror-rig.ts';

const WOD = '/fitness/wod';

test('the other side gets the same request, marked, whichever side answers', async () => {
  const { edge, old, fresh, get } = await rig();
  const headers = { authorization: 'Bearer a.b.c', 'x-thing': '1', 'x-edge-mirror': 'forged' };
  edge.set(0, 100);
  await get({ path: `${WOD}?a=b`, headers });
  await until(() => edge.report().compared === 1);
  const [original, copy] = [old.requests[0]!, fresh.requests[0]!];
  expect(copy).toMatchObject({ method: 'GET', url: `${WOD}?a=b` });
  const { host, 'x-edge-mirror': mark, 'x-edge-timeout-ms': _time, connection: _hop, ...rest } = copy.headers;
  expect({ host, mark }).toEqual({ host: new URL(fresh.url).host, mark: '1' });
  const { host: _host, 'x-edge-timeout-ms': _itsTime, connection: _itsHop, ...originals } = original.headers;
  expect(rest).toEqual(originals);
  expect(original.headers['x-edge-mirror']).toBeUndefined();
  edge.set(100, 100);
  await get({ headers });
  await until(() => edge.report().compared === 1);
  expect(old.requests[1]!.headers['x-edge-mirror']).toBe('1');
  expect(edge.report()).toMatchObject({ compared: 1, differing: 0, skipped: {} });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('a %s is never copied', async (method) => {
  const { edge, fresh, get } = await rig();
  edge.set(0, 100);
  await get({ method });
  await get();
  await until(() => edge.report().compared === 1);
  expect(fresh.requests.map((each) => each.method)).toEqual(['GET']);
});

test('a GET with a body is never copied; a HEAD is', async () => {
  const { edge, fresh, get } = await rig();
  edge.set(0, 100);
  await get({ body: 'x' } as object);
  fresh.behave(
    (_request, res) =>
      void res.writeHead(200, { 'content-type': 'application/json', 'content-length': 9_999_999 }).end(),
  );
  await get({ method: 'HEAD' });
  await until(() => edge.report().compared === 1);
  expect(fresh.requests.map(({ method }) => method)).toEqual(['HEAD']);
});

test('nothing is copied at share 0, nor of other paths', async () => {
  const { edge, fresh, get } = await rig();
  edge.set(0, 0);
  await get();
  edge.set(0, 100);
  await get({ path: '/other' });
  await get();
  await until(() => edge.report().compared === 1);
  expect(fresh.requests).toHaveLength(1);
});

describe('the answer is the same to the byte', () => {
  const huge = Buffer.alloc(3_000_000, 'x');
  const missing = 'no answer: refused, reset, or cut';
  const late = 'no answer: timeout after 300 ms';
  const cases: [what: string, target: Behaviour | 'refused', found: { differs: string } | { skipped: string }][] = [
    ['refuses', 'refused', { differs: missing }],
    ['resets', (_request, res) => void res.socket!.resetAndDestroy(), { differs: missing }],
    [
      'is cut',
      (_request, res) => void res.writeHead(200).write('x', () => res.socket!.destroy()),
      { differs: missing },
    ],
    ['never answers', () => undefined, { differs: late }],
    ['never ends', (_request, res) => void res.writeHead(200).write('x'), { differs: late }],
    ['answers hugely', (_request, res) => void res.end(huge), { skipped: 'too-large' }],
    ['answers hugely in pieces', (_request, res) => void res.write(huge, () => res.end()), { skipped: 'too-large' }],
  ];

  test.each(cases)('while the mirror %s', async (_what, target, expected) => {
    const { edge, fresh, get } = await rig({ route: { mirror: { timeoutMs: 300 } } });
    const headers = { 'x-request-id': 'the-same' };
    edge.set(0, 0);
    const without = await get({ headers });
    if (target === 'refused') await fresh.refuse();
    else fresh.behave(target);
    edge.set(0, 100);
    const withMirror = await get({ headers });
    expect(withMirror).toEqual(without);
    await until(() => found(edge.report()) === 1);
    const { compared, differing, skipped, fields } = edge.report();
    if ('skipped' in expected)
      expect({ compared, skipped }).toEqual({ compared: 0, skipped: { [expected.skipped]: 1 } });
    else {
      expect({ compared, differing, skipped }).toEqual({ compared: 1, differing: 1, skipped: {} });
      const samples = [expect.objectContaining({ old: '200', new: expected.differs })];
      expect(fields).toEqual([{ field: 'answer', pairs: 1, samples }]);
    }
    expect(edge.upstreams.all.get('coach')!.health.stateAt('reachability', performance.now())).toBe('closed');
  });
});

test('as many copies as allowed are under way; others are dropped, not queued', async () => {
  const { edge, old, fresh, get } = await rig({ route: { mirror: { maxInFlight: 2 } } });
  const held: (() => void)[] = [];
  fresh.behave((_request, res) => void held.push(() => sendJson(res, { a: 1 })));
  edge.set(0, 100);
  await Promise.all([get(), get(), get(), get(), get()]);
  await until(() => edge.report().skipped['in-flight'] === 3 && held.length === 2);
  for (const release of held) release();
  await until(() => edge.report().compared === 2);
  expect([old.requests.length, fresh.requests.length]).toEqual([5, 2]);
  expect(edge.report().skipped).toEqual({ 'in-flight': 3 });
  expect(edge.upstreams.all.get('coach')!.inFlight).toBe(0);
});

test('an old side that does not answer differs as well, and a rule may say that this is fine', async () => {
  const { edge, old, get } = await rig();
  await old.refuse();
  edge.set(100, 100);
  await get();
  await until(() => edge.report().compared === 1);
  expect(edge.report().fields[0]!.samples[0]).toMatchObject({ old: 'no answer: refused, reset, or cut', new: '200' });

  const lenient = await rig({ route: { compare: { ignore: ['answer'] } } });
  await lenient.fresh.refuse();
  lenient.edge.set(0, 100);
  await lenient.get();
  await until(() => found(lenient.edge.report()) === 1);
  expect(lenient.edge.report()).toMatchObject({ compared: 0, skipped: { 'no-answer': 1 } });
});

test('a kept connection that is closed just when it is used is no difference', async () => {
  const { edge, fresh, get } = await rig();
  const served = new WeakSet<object>();
  fresh.behave((_request, res) => {
    if (served.has(res.socket!)) return void res.socket!.destroy();
    served.add(res.socket!);
    sendJson(res, { a: 1 });
  });
  edge.set(0, 100);
  for (const copies of [1, 2]) {
    await get();
    await until(() => edge.report().compared === copies);
  }
  expect(edge.report()).toMatchObject({ compared: 2, differing: 0 });
  expect(fresh.requests).toHaveLength(3);
});

describe('a request that was refused', () => {
  test.each([400, 401, 404, 500])('with %d is not copied, and proves nothing', async (status) => {
    const { edge, old, fresh, get } = await rig();
    old.behave(answering({ type: 'no' }, status));
    edge.set(0, 100);
    await get();
    await until(() => edge.report().skipped['refused'] === 1);
    expect(edge.report()).toMatchObject({ compared: 0, differing: 0, skipped: { refused: 1 } });
    expect(fresh.requests).toHaveLength(0);
  });

  test.each([401, 500])('by the other side alone, with %d, differs', async (status) => {
    const { edge, fresh, get } = await rig();
    fresh.behave(answering({ a: 1 }, status));
    edge.set(0, 100);
    await get();
    await until(() => edge.report().compared === 1);
    expect(edge.report().fields[0]).toMatchObject({ field: 'status', samples: [{ old: '200', new: String(status) }] });
  });
});

test('after a fallback nobody asks the side that has just failed', async () => {
  const { edge, old, fresh, get } = await rig();
  fresh.behave(answering({}, 503));
  edge.set(100, 100);
  expect(await get()).toMatchObject({ status: 200 });
  await until(() => edge.report().skipped['fallback'] === 1);
  expect([old.requests.length, fresh.requests.length]).toEqual([1, 1]);
});

test('a side whose breaker is open is left in peace', async () => {
  const { edge, fresh, get } = await rig();
  edge.set(100, 0);
  fresh.behave(answering({}, 503));
  for (let at = 0; at < 6; at++) await get();
  edge.set(0, 100);
  const { length } = fresh.requests;
  await get();
  await until(() => edge.report().skipped['breaker-open'] === 1);
  expect(fresh.requests).toHaveLength(length);
});

test('differences are found, and told without secrets', async () => {
  const { edge, fresh, get } = await rig();
  edge.set(0, 100);
  fresh.behave(answering({ a: 2, email: 'eve@example.com' }));
  await get({ headers: { 'x-request-id': 'req-1' } });
  await until(() => edge.report().compared === 1);
  expect(edge.report().fields).toEqual([
    { field: 'body.a', pairs: 1, samples: [{ at: expect.any(String), requestId: 'req-1', old: '1', new: '2' }] },
    {
      field: 'body.email',
      pairs: 1,
      samples: [{ at: expect.any(String), requestId: 'req-1', old: undefined, new: '[redacted]' }],
    },
  ]);
  expect(await edge.registry.metrics()).toMatch(
    /edge_mirror_requests_total\{route="wod",side="new",result="different"[^}]*\} 1/,
  );
});

test('what was found counts from the beginning of mirroring', async () => {
  const { edge, get } = await rig();
  edge.set(0, 100);
  await get();
  await until(() => edge.report().compared === 1);
  edge.set(0, 100);
  expect(edge.report().compared).toBe(0);
  await get();
  await until(() => edge.report().compared === 1);
});

test('a copy for a server that is configured no more is dropped', async () => {
  const { edge, old, fresh, get } = await rig();
  const held: (() => void)[] = [];
  old.behave((_request, res) => void held.push(() => sendJson(res, { a: 1 })));
  edge.set(0, 100);
  const answer = get();
  await until(() => held.length === 1);
  const other = await started(startRecorder(answering({ a: 1 })));
  edge.reload({ old: old.url, new: other.url });
  held[0]!();
  expect(await answer).toMatchObject({ status: 200 });
  await until(() => edge.report().skipped['gone'] === 1);
  expect(fresh.requests).toHaveLength(0);
  old.behave(answering({ a: 1 }));
  await get();
  await until(() => other.requests.length === 1);
});

describe('a comparator', () => {
  test('that throws harms nobody', async () => {
    const compare = () => {
      throw new Error('out of order');
    };
    const { edge, get } = await rig({ comparators: new Map([['wod', { compare }]]) });
    edge.set(0, 100);
    expect(await get()).toMatchObject({ status: 200, body: '{"a":1}' });
    await until(() => edge.report().skipped['comparator-failed'] === 1);
  });

  test('that takes long is given only a share of the time', async () => {
    const compare = () => {
      for (const until = performance.now() + 10; performance.now() < until;);
      return [];
    };
    const { edge, get } = await rig({ comparators: new Map([['wod', { compare }]]) });
    edge.set(0, 100);
    for (let at = 0; at < 40; at++) await get();
    await until(() => found(edge.report()) === 40);
    // Twenty to warm up, then one; more only where the machine takes seconds for all of this.
    expect(edge.report().compared).toBeLessThan(30);
    expect(edge.report().skipped['busy']).toBeGreaterThan(10);
  });
});
