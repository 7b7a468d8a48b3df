import { describe, expect, test } from '@jest/globals';
import { valueOf } from './raw-message.ts';
import { Wire, expectProblem, expectRefusalAndClose, get, request, wireForAll } from './wire-under-test.ts';

/** How much one client may take: bytes and fields of a head, requests, connections. */
const fields = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}: a`);

describe('with small limits:', () => {
  const wire = wireForAll({
    env: {
      MAX_HEADER_BYTES: '2048',
      MAX_HEADER_COUNT: '20',
      MAX_TARGET_BYTES: '256',
      MAX_REQUESTS_PER_CONNECTION: '3',
    },
  });

  test.each([
    ['a head of many bytes', get('/a', `X: ${'a'.repeat(3000)}`), 431],
    ['a head of many short fields', get('/a', ...fields(60)), 431],
    ['one field too many', get('/a', ...fields(20)), 431],
    ['one field too many in a body', request('POST', '/a', ...fields(19), 'Content-Length: 1') + 'x', 431],
    ['a target of many bytes', get(`/${'a'.repeat(256)}`), 414],
    ['a query of many bytes', get(`/a?${'a'.repeat(256)}`), 414],
    ['a target that is longer than a head may be', get(`/${'a'.repeat(100_000)}`), 414],
    ['an absolute target of many bytes', get(`http://a/${'a'.repeat(256)}`), 414],
  ])('%s', async (_name, bytes, status) => {
    const client = wire().client(bytes);
    // A target beyond the head's own limit cannot be told from a long head.
    const allowed = bytes.length > 2048 ? [414, 431] : [status];
    const answer = await client.answer();
    expect(allowed).toContain(answer.status);
    expectProblem(answer, answer.status);
    expect(await client.rest()).toBe('');
    await wire().expectNothingArrived();
  });

  test.each([
    ['fields up to the count', get('/a', ...fields(19)), '/a'],
    ['a target up to its limit', get(`/${'a'.repeat(255)}`), `/${'a'.repeat(255)}`],
  ])('%s pass whole', async (_name, bytes, body) => {
    expect((await wire().ask(bytes)).body).toBe(body);
    const sent = bytes.match(/X-\d+/g)?.length ?? 0;
    expect(wire().upstream.requests[0]!.fields.filter(([name]) => /^x-\d/.test(name))).toHaveLength(sent);
  });

  test('the last request that a connection may carry says so, and ends it', async () => {
    const client = wire().client(get('/1') + get('/2') + get('/3') + get('/smuggled'));
    for (const [target, connection] of [
      ['/1', false],
      ['/2', false],
      ['/3', true],
    ] as const) {
      const answer = await client.answer();
      expect(answer.body).toBe(target);
      expect(valueOf(answer, 'connection') === 'close').toBe(connection);
    }
    await client.rest();
    expect(wire().upstream.everSeen).not.toContain('/smuggled');
  });
});

describe('with the limits that are the default:', () => {
  const wire = wireForAll();

  test('100 fields pass, 101 do not', async () => {
    expect((await wire().get('/a', ...fields(99))).status).toBe(200);
    expect(wire().upstream.requests[0]!.fields.filter(([name]) => /^x-\d/.test(name))).toHaveLength(99);
    await expectRefusalAndClose(wire().client(get('/a', ...fields(100))), 431);
    await expectRefusalAndClose(wire().client(get('/a', ...fields(1500))), 431);
  });

  test('a target of 8 KiB passes, a longer one does not', async () => {
    expect((await wire().get(`/${'a'.repeat(8191)}`)).status).toBe(200);
    await expectRefusalAndClose(wire().client(get(`/${'a'.repeat(8192)}`)), 414);
  });

  test('a head of 15 KiB passes, one of 17 KiB does not', async () => {
    expect((await wire().get('/a', `X: ${'a'.repeat(15_000)}`)).status).toBe(200);
    await expectRefusalAndClose(wire().client(get('/a', `X: ${'a'.repeat(17_000)}`)), 431);
  });
});

test('one connection too many is closed at once; others do not notice', async () => {
  await using wire = await Wire.start({ env: { MAX_CONNECTIONS: '3' } });
  const clients = [wire.client(get('/1')), wire.client(get('/2')), wire.client(get('/3'))];
  for (const client of clients) expect((await client.answer()).status).toBe(200);
  const late = wire.client(get('/smuggled'));
  await late.rest();
  expect(late.received).not.toMatch(/^HTTP\/1.1 200/);
  for (const client of clients) expect((await client.send(get('/again')).answer()).body).toBe('/again');
  expect(wire.upstream.everSeen).not.toContain('/smuggled');
  clients[0]!.leave();
  // The place is free once the edge has noticed.
  for (let tries = 0, status = 0; status !== 200; tries++) {
    expect(tries).toBeLessThan(100);
    const next = wire.client(get('/next'));
    await next.until(({ received, ending }) => received.endsWith('/next') || ending !== 'open');
    status = next.received.endsWith('/next') ? 200 : 0;
  }
});

test('one request in flight too many is answered at once with 503 and Retry-After; the others do not notice', async () => {
  await using wire = await Wire.start({ env: { MAX_IN_FLIGHT: '2' } });
  const waiting: (() => void)[] = [];
  wire.upstream.reply = ({ connection }) =>
    void waiting.push(() => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const clients = [wire.client(get('/1')), wire.client(get('/2'))];
  await wire.upstream.until(() => waiting.length === 2, 'both requests');
  const answer = await wire.get('/3');
  expect(expectProblem(answer, 503).type).toBe('overloaded');
  expect(Number(valueOf(answer, 'retry-after'))).toBeGreaterThan(0);
  for (const release of waiting) release();
  for (const client of clients) expect((await client.answer()).body).toBe('ok');
  wire.upstream.forget();
  await wire.expectHealthy();
});
