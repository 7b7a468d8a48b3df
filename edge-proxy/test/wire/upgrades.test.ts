import { describe, expect, test } from '@jest/globals';
import { breakerState } from '../failing/offered-load.ts';
import { valueOf, valuesOf } from './raw-message.ts';
import type { SeenRequest } from './raw-upstream.ts';
import { pause, sending } from './raw-upstream.ts';
import { SMUGGLED, Wire, expectProblem, get, request, wireForAll } from './wire-under-test.ts';

/** Requests that ask for a WebSocket: which are passed on as such, what may answer them, and how many may wait. */
const wire = wireForAll();
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const upgrade = (target = '/live', ...fields: string[]) => get(target, ...UPGRADE, ...fields);
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('an ordinary request:', () => {
  const CHUNKS = '3\r\nabc\r\n0\r\n\r\n';

  test.each([
    ['with a body of a length', `${upgrade('/a', 'Content-Length: 3')}abc`],
    ['with a body in chunks', upgrade('/a', 'Transfer-Encoding: chunked') + CHUNKS],
    ['that is no GET', `${request('POST', '/a', ...UPGRADE, 'Content-Length: 3')}abc`],
  ])('one %s, which reaches the upstream whole', async (_name, bytes) => {
    expect(await wire().ask(bytes)).toMatchObject({ status: 200, body: '/a' });
    const [seen] = wire().upstream.requests;
    expect(seen!.body).toBe('abc');
    expect([...valuesOf(seen!, 'upgrade'), ...valuesOf(seen!, 'connection')].join()).not.toMatch(/upgrade|websocket/i);
  });

  test('one of HTTP/1.0, whose answer is not in chunks', async () => {
    wire().upstream.reply = sending(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`);
    const client = wire().client(upgrade('/a', 'Connection: keep-alive').replace('HTTP/1.1', 'HTTP/1.0'));
    const answer = await client.answer();
    expect(answer).toMatchObject({ status: 200, body: 'abc' });
    expect(valueOf(answer, 'transfer-encoding')).toBeUndefined();
    expect(valuesOf(wire().upstream.requests[0]!, 'upgrade')).toEqual([]);
  });
});

describe('what follows on an upgrade that is not obeyed is never taken for what it is not:', () => {
  const IGNORED: [name: string, bytes: string][] = [
    ['another protocol', get('/a', 'Connection: Upgrade', 'Upgrade: h2c')],
    ['one with a body', `${upgrade('/a', 'Content-Length: 3')}abc`],
    ['one of HTTP/1.0', upgrade('/a', 'Connection: keep-alive').replace('HTTP/1.1', 'HTTP/1.0')],
  ];
  // The parser stops behind such a request: the rest of the segment must not be lost while what comes after it is read.
  const FOLLOWING: [name: string, same: string, next: string][] = [
    ['a whole request', get('/b'), ''],
    ['a head whose body comes later', request('POST', '/b', `Content-Length: ${SMUGGLED.length}`), SMUGGLED],
    ['a head whose end comes later', 'GET /b HTTP/1.1\r\nHost: a\r\nX: ', SMUGGLED],
  ];
  const rows = IGNORED.flatMap(([kind, bytes]) =>
    FOLLOWING.map(([what, same, next]) => [`${what} behind ${kind}`, bytes + same, next] as const),
  );

  test.each(rows)('%s', async (_name, first, next) => {
    const client = wire().client(first);
    expect((await client.answer()).status).toBe(200);
    client.send(next);
    // It is served, or the connection ends so that the client knows that it is not.
    await client.until(({ ending, received }) => ending !== 'open' || received.endsWith('/b'), 'answer or end');
    await wire().expectHealthy();
    for (const { target } of wire().upstream.requests) expect(['/a', '/b', '/healthy']).toContain(target);
  });
});

test('an expectation that nobody understands is 417 here too', async () => {
  expectProblem(await wire().ask(upgrade('/a', 'Expect: x')), 417);
  await wire().expectNothingArrived();
});

describe('a refusal by the upstream:', () => {
  const BODY = '2\r\nno\r\n0\r\n\r\n';

  test.each([
    ['of a length', 'HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno'],
    ['in chunks', `HTTP/1.1 403 x\r\nTransfer-Encoding: chunked\r\n\r\n${BODY}`],
    ['in HTTP/1.0', 'HTTP/1.0 403 x\r\nContent-Length: 2\r\n\r\nno'],
    ['in HTTP/1.0, in chunks', `HTTP/1.0 403 x\r\nTransfer-Encoding: chunked\r\n\r\n${BODY}`],
  ])('%s, reaches the client as HTTP/1.1', async (_name, bytes) => {
    wire().upstream.reply = sending(bytes);
    const answer = await wire().ask(upgrade());
    expect(answer).toMatchObject({ status: 403, body: 'no' });
    expect(answer.head).toMatch(/^HTTP\/1\.1 /);
  });

  test.each(['chunked, chunked', 'gzip, chunked', 'identity'])('in the coding %s, is 502', async (coding) => {
    for (const version of ['1.0', '1.1']) {
      wire().upstream.reply = sending(`HTTP/${version} 403 x\r\nTransfer-Encoding: ${coding}\r\n\r\n${BODY}`);
      expect((await wire().ask(upgrade())).status).toBe(502);
    }
  });
});

describe('one that the upstream does not answer', () => {
  const silent = () => undefined;

  async function pendingAt(under: Wire, target: string): Promise<{ seen: SeenRequest; leave: () => void }> {
    const client = under.client(upgrade(target));
    return { seen: await under.upstream.arrived(target), leave: () => client.leave() };
  }

  test('takes a place until its client leaves', async () => {
    await using narrow = await Wire.start({ legacyUpstream: { maxInFlight: 2 } });
    narrow.upstream.reply = silent;
    const first = await pendingAt(narrow, '/1');
    await pendingAt(narrow, '/2');
    const refused = await narrow.ask(upgrade('/3'));
    expectProblem(refused, 503);
    expect(valueOf(refused, 'retry-after')).toMatch(/^[1-9]/);
    first.leave();
    await first.seen.connection.left(2000);
    await narrow.expectHealthy();
    expect(narrow.upstream.everSeen).not.toContain('/3');
  });

  test('says nothing about the upstream if its client leaves', async () => {
    await using plain = await Wire.start({ legacyUpstream: { breaker: {} } });
    plain.upstream.reply = silent;
    for (let at = 0; at < 10; at++) {
      const { seen, leave } = await pendingAt(plain, `/${at}`);
      leave();
      await seen.connection.left(2000);
    }
    expect(await breakerState(plain.edge, 'legacy', 'reachability')).toBe(0);
    await plain.expectHealthy();
  });
});

test('an open WebSocket takes no place, and may be silent', async () => {
  const env = { SEND_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '200', HEADER_TIMEOUT_MS: '200' };
  await using narrow = await Wire.start({ env, legacyUpstream: { maxInFlight: 1 } });
  narrow.upstream.reply = ({ connection }) => void connection.write(SWITCHED);
  const client = narrow.client(upgrade());
  await client.until(({ received }) => received.startsWith('HTTP/1.1 101 '), '101');
  await pause(1500);
  const { connection } = narrow.upstream.requests[0]!;
  connection.write('ping');
  await client.until(({ received }) => received.endsWith('ping'), 'message');
  client.send('pong');
  await connection.until(() => connection.received.endsWith('pong'), 'message of the client');
  await narrow.expectHealthy();
});

test('an upstream that failed too often is not asked for one', async () => {
  await using failing = await Wire.start({ legacyUpstream: { breaker: { openMs: 60_000, maxOpenMs: 60_000 } } });
  failing.upstream.reply = ({ connection }) => connection.reset();
  for (let at = 0; at < 5; at++) expectProblem(await failing.ask(upgrade(`/${at}`)), 502);
  expectProblem(await failing.ask(upgrade('/late')), 503);
  expect(failing.upstream.everSeen).not.toContain('/late');
});
