import { describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { breakerState } from '../failing/offered-load.ts';
import type { Reply } from './raw-upstream.ts';
import { echoing, pause, sending, sendingThen } from './raw-upstream.ts';
import { NEVER_OPEN, Wire, expectProblem, get, post, wireForAll } from './wire-under-test.ts';

/** Which upstream connection serves whom: bytes of one answer never reach another request, and cut ones stay cut. */
const wire = wireForAll();
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

test('a sound connection is used again', async () => {
  for (let at = 0; at < 5; at++) expect((await wire().get(`/${at}`)).body).toBe(`/${at}`);
  expect(new Set(wire().upstream.requests.map(({ connection }) => connection)).size).toBe(1);
});

describe('bytes after a complete answer reach nobody:', () => {
  const extras: readonly (readonly [string, string])[] = [
    ['a second answer', POISON],
    ['many', POISON.repeat(50)],
    ['a beginning of one', POISON.slice(0, 20)],
    ['garbage', 'poison'],
    ['one byte', 'p'],
    ['an empty line', '\r\n'],
    ['a 1xx', 'HTTP/1.1 103 x\r\nLink: poison\r\n\r\n'],
    ['a 408', 'HTTP/1.1 408 x\r\nContent-Length: 6\r\nConnection: close\r\n\r\npoison'],
  ];
  const answers: readonly [string, string][] = [
    ['a length', OK],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['204', 'HTTP/1.1 204 x\r\n\r\n'],
  ];
  const rows = answers.flatMap(([kind, answer]) =>
    extras.map(([what, extra]) => [`${what} after ${kind}`, answer, extra] as const),
  );

  async function expectCleanNext(client: ReturnType<ReturnType<typeof wire>['client']>): Promise<void> {
    const [bad] = wire().upstream.requests.map(({ connection }) => connection);
    client.send(get('/healthy'));
    expect((await client.answer()).body).toBe('/healthy');
    await wire().expectHealthy();
    expect(client.received).not.toContain('poison');
    for (const { target, connection } of wire().upstream.requests) {
      if (target === '/healthy') expect(connection).not.toBe(bad);
    }
  }

  test.each(rows)('%s, at once', async (_name, answer, extra) => {
    wire().upstream.reply = sending(answer + extra);
    const client = wire().client(get('/a'));
    await client.until(({ received, ending }) => received.includes('\r\n\r\n') || ending !== 'open');
    // An empty line is skipped by every parser (RFC 9112, section 2.2); the connection may live on.
    if (extra === '\r\n') return await wire().expectHealthy();
    client.leave();
    await expectCleanNext(wire().client());
  });

  test.each(rows.filter(([, , extra]) => extra !== '\r\n'))('%s, later, while idle', async (_name, answer, extra) => {
    wire().upstream.reply = sending(answer);
    const client = wire().client(get('/a'));
    await client.answer();
    const { connection } = wire().upstream.requests[0]!;
    connection.write(extra);
    await connection.left();
    await expectCleanNext(client);
  });
});

describe('a body that is cut looks cut:', () => {
  const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello';
  const CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
  const rows = [LENGTH, CHUNKS, `${CHUNKS}5\r\nwor`, `${CHUNKS}0\r\n`].flatMap((bytes) =>
    (['FIN', 'RST'] as const).map((how) => [how, bytes] as const),
  );

  test.each(rows)('with %s after %j', async (how, bytes) => {
    wire().upstream.reply = sendingThen(how, bytes);
    const client = wire().client(get('/a'));
    await client.rest();
    expect(client.received).not.toMatch(/\n0+\r\n/);
    const [head, ...body] = client.received.split('\r\n\r\n');
    // The edge may have had no chance to pass on what came just before a reset.
    if (head !== '')
      expect(
        body
          .join('\r\n\r\n')
          .replaceAll(/[\da-f]+\r\n|\r\n/gi, '')
          .replace('hllo', 'hello'),
      ).toMatch(/^(hello(wor)?|)$/);
    await wire().expectHealthy();
  });

  test.each(['FIN', 'RST'] as const)('with %s before a byte of the head: 502', async (how) => {
    wire().upstream.reply = sendingThen(how, '');
    expectProblem(await wire().ask(post('/a', 'x')), 502);
    expect(wire().upstream.requests).toHaveLength(1);
  });

  test.each(['FIN', 'RST'] as const)('with %s within the head: 502', async (how) => {
    wire().upstream.reply = sendingThen(how, 'HTTP/1.1 200 OK\r\nContent-Le');
    expectProblem(await wire().get('/a'), 502);
  });

  test('a body longer than its length ends where the length says', async () => {
    wire().upstream.reply = sending('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world');
    const client = wire().client(get('/a'));
    await client.until(({ received, ending }) => received.endsWith('hello') || ending !== 'open');
    await wire().expectHealthy();
    expect(client.received).not.toContain('world');
  });
});

describe('an upstream that closes', () => {
  test.each([
    ['after each answer, announced', 'Connection: close\r\n'],
    ['after each answer, unannounced', ''],
  ])('%s, fails nobody', async (_name, field) => {
    wire().upstream.reply = sendingThen('FIN', `HTTP/1.1 200 OK\r\n${field}Content-Length: 2\r\n\r\nok`);
    for (let at = 0; at < 30; at++) expect(await wire().get('/a')).toMatchObject({ status: 200, body: 'ok' });
  });

  test('kept connections at its idle limit, without a word, fails nobody', async () => {
    const IDLE_LIMIT_MS = 100;
    wire().upstream.reply = ({ connection, target }) => {
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
      connection.socket.setTimeout(IDLE_LIMIT_MS);
      if (connection.requests.length === 1) connection.socket.once('timeout', () => connection.socket.destroy());
    };
    const failures: string[] = [];
    const ask = async (worker: number) => {
      for (let at = 0; at < 15; at++) {
        const target = `/${worker}-${at}`;
        const { status, body } = await wire().get(target);
        if (status !== 200 || body !== target) failures.push(`${target}: ${status}`);
        await pause(IDLE_LIMIT_MS - 10 + ((worker * 15 + at) % 20));
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, worker) => ask(worker)));
    expect(failures).toEqual([]);
  });
});

test.each([
  ['without a word of the upstream', ''],
  ['whatever the upstream announces', 'Keep-Alive: timeout=65\r\n'],
])('an idle connection is closed after its time, %s', async (_name, field) => {
  await using brief = await Wire.start({ legacyUpstream: { keepAliveTimeoutMs: 300 } });
  brief.upstream.reply = sending(`HTTP/1.1 200 OK\r\n${field}Content-Length: 2\r\n\r\nok`);
  await brief.get('/a');
  await brief.upstream.requests[0]!.connection.left();
});

describe('an upstream that resets each kept connection as it is used again', () => {
  const once: Reply = async (request) => {
    if (request.connection.requests.length > 1) request.connection.reset();
    else await echoing(request);
  };

  test('is asked again for what may be repeated, and blamed for nothing', async () => {
    await using under = await Wire.start({ legacyUpstream: { breaker: {} } });
    under.upstream.reply = once;
    for (let at = 0; at < 20; at++) expect((await under.get('/a')).status).toBe(200);
    for (let at = 0; at < 8; at++) {
      expect((await under.get('/a')).status).toBe(200);
      expect([200, 502]).toContain((await under.ask(post('/a', 'x'))).status);
    }
    expect(await breakerState(under.edge, 'legacy', 'reachability')).toBe(0);
  });

  test('serves as a fallback all the same', async () => {
    await using under = await Wire.start({ route: { initialWeight: 100 }, coachUpstream: { breaker: NEVER_OPEN } });
    under.edge.coach.behave((_request, res) => sendJson(res, {}, {}, 500));
    under.upstream.reply = once;
    const statuses: number[] = [];
    for (let at = 0; at < 10; at++) statuses.push((await under.get('/fitness/wod')).status);
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
  });
});
