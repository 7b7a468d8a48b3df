import { describe, expect, test } from '@jest/globals';
import { readAnswer } from './raw-client.ts';
import type { RawClient } from './raw-client.ts';
import { pause } from './raw-upstream.ts';
import { Wire, expectProblem, get, request } from './wire-under-test.ts';

/** How long one client may take: for its head, its request, silence in an upload, reading, idling. */

/** Sends a byte of `bytes` now and then, until the edge has had enough. */
async function drip(client: RawClient, bytes: string, everyMs: number): Promise<void> {
  for (const byte of bytes) {
    if (client.ending !== 'open' || client.received !== '') return;
    client.send(byte);
    await pause(everyMs);
  }
}

async function expectTimedOut(client: RawClient): Promise<void> {
  await client.rest(15_000);
  const found = readAnswer(client.received, { method: 'GET', hasEnded: true });
  expect(found).toBeDefined();
  expectProblem(found!.answer, 408);
  expect(client.received).toHaveLength(found!.size);
}

test('heads that drip are 408 and closed; a healthy client next to them does not notice', async () => {
  await using wire = await Wire.start({ env: { HEADER_TIMEOUT_MS: '500' } });
  const slow = Array.from({ length: 30 }, () => wire.client());
  const dripping = slow.map(async (client) => await drip(client, get(`/smuggled?${'a'.repeat(2000)}`), 50));
  const healthy = wire.client();
  while (slow.some(({ ending }) => ending === 'open')) {
    expect((await healthy.send(get('/healthy')).answer()).body).toBe('/healthy');
    await pause(20);
  }
  await Promise.all([...dripping, ...slow.map(expectTimedOut)]);
  expect(wire.upstream.everSeen).toEqual(new Set(['/healthy']));
});

test.concurrent.each([
  ['half a head', 'GET /smuggled HTTP/1.1\r\nHos'],
  ['half a head after a request', `${get('/a')}GET /smuggled HTTP/1.1\r\nHos`],
])('%s and silence: 408', async (_name, bytes) => {
  await using wire = await Wire.start({ env: { HEADER_TIMEOUT_MS: '300', KEEP_ALIVE_TIMEOUT_MS: '20000' } });
  const client = wire.client(bytes);
  if (bytes.startsWith(get('/a'))) expect((await client.answer()).body).toBe('/a');
  const rest = await client.rest(15_000);
  const found = readAnswer(rest, { method: 'GET', hasEnded: true });
  expectProblem(found!.answer, 408);
  expect(wire.upstream.everSeen).not.toContain('/smuggled');
});

test.concurrent('half a head is 408 also where answers have less time', async () => {
  await using wire = await Wire.start({ env: { SEND_TIMEOUT_MS: '300', HEADER_TIMEOUT_MS: '1000' } });
  await expectTimedOut(wire.client('GET /smuggled HTTP/1.1\r\nHos'));
});

describe.each([
  ['a length', 'Content-Length: 100000', (text: string) => text],
  ['chunks', 'Transfer-Encoding: chunked', (text: string) => `${text.length}\r\n${text}\r\n`],
])('an upload with %s', (_name, field, framed) => {
  const beginning = request('POST', '/a', field) + framed('hello');

  test.concurrent('that falls silent: 408, and the upstream call is ended', async () => {
    await using wire = await Wire.start({ env: { BODY_IDLE_TIMEOUT_MS: '300' } });
    wire.upstream.reply = () => undefined;
    const client = wire.client(beginning);
    const seen = await wire.upstream.arrived('/a');
    await expectTimedOut(client);
    await seen.connection.left();
    expect(seen.isWhole).toBe(false);
    wire.upstream.forget();
    await wire.expectHealthy();
  });

  test.concurrent('that drips beyond the time for a whole request: 408, and the upstream call is ended', async () => {
    await using wire = await Wire.start({ env: { REQUEST_TIMEOUT_MS: '800', HEADER_TIMEOUT_MS: '500' } });
    wire.upstream.reply = () => undefined;
    const client = wire.client(beginning);
    const seen = await wire.upstream.arrived('/a');
    const dripping = (async () => {
      while (client.ending === 'open' && client.received === '') {
        client.send(framed('hello'));
        await pause(50);
      }
    })();
    await expectTimedOut(client);
    await dripping;
    await seen.connection.left();
    expect(seen.isWhole).toBe(false);
  });

  test.concurrent('that only pauses is none of these', async () => {
    await using wire = await Wire.start({ env: { BODY_IDLE_TIMEOUT_MS: '2000' } });
    const client = wire.client(request('POST', '/a', 'Content-Length: 10'));
    for (const part of ['01', '23', '45', '67', '89']) {
      await pause(60);
      client.send(part);
    }
    expect((await client.answer()).body).toBe('/a');
    expect(wire.upstream.requests[0]!.body).toBe('0123456789');
  });
});

test.concurrent.each([
  ['the client does not go on with', 1000, true],
  ['the upstream does not read', 30_000_000, false],
])('an answer that has begun is not cut for an upload that %s', async (_name, size, isRead) => {
  await using wire = await Wire.start({ env: { BODY_IDLE_TIMEOUT_MS: '300' } });
  wire.upstream.reply = async ({ connection }) => {
    if (!isRead) connection.socket.pause();
    connection.write('HTTP/1.1 413 x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let part = 0; part < 10; part++) {
      await pause(100);
      connection.write(`1\r\n${part}\r\n`);
    }
    connection.write('0\r\n\r\n');
  };
  const client = wire.client(request('POST', '/a', `Content-Length: ${size}`) + (isRead ? 'xxx' : 'x'.repeat(size)));
  expect(await client.answer()).toMatchObject({ status: 413, body: '0123456789' });
});

test.concurrent('a slow upstream is not a silent upload', async () => {
  await using wire = await Wire.start({ env: { BODY_IDLE_TIMEOUT_MS: '200' } });
  wire.upstream.reply = async (seen) => {
    await seen.whole();
    await pause(800);
    seen.connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  };
  expect((await wire.ask(request('POST', '/a', 'Content-Length: 1') + 'x')).body).toBe('ok');
});

test('a client that does not read is closed, and the upstream call ended; others do not notice', async () => {
  await using wire = await Wire.start({ env: { SEND_TIMEOUT_MS: '500' } });
  const block = 'x'.repeat(1024 * 1024);
  wire.upstream.reply = async ({ connection }) => {
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${200 * block.length}\r\n\r\n`);
    const write = () => connection.socket.write(block, 'latin1');
    for (let left = 200; left > 0 && !connection.isClosed; left--) {
      if (!write()) await new Promise((done) => connection.socket.once('drain', done).once('close', done));
    }
  };
  const client = wire.client(get('/a'));
  client.socket.pause();
  const { connection } = await wire.upstream.arrived('/a');
  await wire.expectHealthy();
  await connection.until(() => connection.isClosed || connection.hasEnded, 'end of the call', 15_000);
  client.socket.resume();
  await client.rest();
  expect(client.received.length).toBeLessThan(200 * block.length);
  await wire.expectHealthy();
}, 40_000);

test.concurrent('an idle connection is closed', async () => {
  await using wire = await Wire.start({ env: { KEEP_ALIVE_TIMEOUT_MS: '300' } });
  const client = wire.client(get('/a'));
  await client.answer();
  expect(await client.rest(15_000)).toBe('');
});
