import { describe, expect, test } from '@jest/globals';
import { valueOf } from './raw-message.ts';
import { pause, sending } from './raw-upstream.ts';
import { get, post, request, wireForAll } from './wire-under-test.ts';

/** What happens on one client's connection: order, early answers, half-closed ones, and clients that leave. */
const wire = wireForAll();

describe('pipelined requests', () => {
  test('are answered in order, however long each takes', async () => {
    const targets = Array.from({ length: 20 }, (_, at) => `/${at}`);
    wire().upstream.reply = async ({ target, connection }) => {
      await pause(target === '/0' ? 100 : 0);
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
    };
    const client = wire().client(targets.map((target) => get(target)).join(''));
    for (const target of targets) expect((await client.answer()).body).toBe(target);
  });

  test('with bodies keep them', async () => {
    const client = wire().client(post('/1', 'one') + get('/2') + post('/3', get('/smuggled')));
    for (const target of ['/1', '/2', '/3']) expect((await client.answer()).body).toBe(target);
    expect(wire().upstream.requests.map(({ target, body }) => target + body)).toEqual([
      '/1one',
      '/2',
      `/3${get('/smuggled')}`,
    ]);
  });

  test('after one with Connection: close are not served', async () => {
    const client = wire().client(get('/1', 'Connection: close') + get('/smuggled'));
    const answer = await client.answer();
    expect(answer.body).toBe('/1');
    expect(valueOf(answer, 'connection')).toBe('close');
    expect(await client.rest()).toBe('');
    await wire().expectHealthy();
    expect(wire().upstream.requests.map(({ target }) => target)).toEqual(['/1', '/healthy']);
  });

  test.each([
    ['by the edge', request('GET', '/2', 'Host: a', 'Host: b')],
    ['by the parser', 'GET /2 HTTP/1.1\r\nHost : a\r\n\r\n'],
  ])('after one that is refused %s are not served, and the ones before it are', async (_name, refused) => {
    wire().upstream.reply = async ({ target, connection }) => {
      await pause(200);
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
    };
    const client = wire().client(get('/1') + refused + get('/smuggled'));
    expect((await client.answer()).body).toBe('/1');
    expect(await client.rest()).toMatch(/^(HTTP\/1.1 400 |$)/);
    expect(client.ending).toBe('end');
  });
});

describe('an answer before the end of the upload', () => {
  const LATE = 'HTTP/1.1 413 x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge';

  test.each([
    ['small', 10_000, LATE],
    ['large', 4_000_000, LATE],
    ['large, connection kept', 4_000_000, LATE.replace('Connection: close\r\n', '')],
    ['large, in chunks', 4_000_000, 'HTTP/1.1 413 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlarge\r\n0\r\n\r\n'],
  ])('reaches the client whole: %s', async (_name, size, answer) => {
    wire().upstream.reply = ({ connection }) => void connection.write(answer);
    const client = wire().client(request('POST', '/a', `Content-Length: ${size}`) + 'x'.repeat(1000));
    await wire().upstream.arrived('/a');
    client.send('x'.repeat(size - 1000));
    expect(await client.answer()).toMatchObject({ status: 413, body: 'large' });
    wire().upstream.forget();
    client.send(get('/b'));
    await client.until(({ received, ending }) => received.endsWith('/b') || ending !== 'open', 'answer or clean end');
    expect(client.ending).not.toBe('reset');
  });

  test('streams while the upload goes on', async () => {
    wire().upstream.reply = async (seen) => {
      seen.connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n');
      await seen.whole();
      seen.connection.write('3\r\nllo\r\n0\r\n\r\n');
    };
    const client = wire().client(`${request('POST', '/a', 'Content-Length: 10')}01234`);
    await client.until(({ received }) => received.includes('he'), 'beginning of the answer');
    expect((await client.send('56789').answer()).body).toBe('hello');
  });
});

describe('a half-closed client', () => {
  test.each([
    ['at once', 0],
    ['after 500 ms', 500],
  ])('gets its whole answer %s', async (_name, waitMs) => {
    wire().upstream.reply = async ({ connection }) => {
      await pause(waitMs);
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    };
    const client = wire().client(get('/a')).halfClose();
    expect(await client.answer()).toMatchObject({ status: 200, body: 'hello' });
    await client.rest();
    expect(client.ending).toBe('end');
  });

  test('gets a body that streams', async () => {
    wire().upstream.reply = async ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let part = 0; part < 10; part++) {
        await pause(50);
        connection.write(`1\r\n${part}\r\n`);
      }
      connection.write('0\r\n\r\n');
    };
    const client = wire().client(get('/a')).halfClose();
    expect((await client.answer()).body).toBe('0123456789');
  });

  test('that leaves later on ends the upstream call', async () => {
    wire().upstream.reply = () => undefined;
    const client = wire().client(get('/a')).halfClose();
    const { connection } = await wire().upstream.arrived('/a');
    await pause(1000);
    client.leave();
    await connection.left(3000);
  });

  test('gets every answer of its pipeline', async () => {
    const client = wire()
      .client(get('/1') + post('/2', 'x') + get('/3'))
      .halfClose();
    for (const target of ['/1', '/2', '/3']) expect((await client.answer()).body).toBe(target);
  });

  test('gets the answer to its upload', async () => {
    const client = wire()
      .client(post('/a', 'x'.repeat(100_000)))
      .halfClose();
    expect((await client.answer()).body).toBe('/a');
  });
});

describe.each(['FIN', 'RST'] as const)('a client that leaves with %s ends the upstream call', (how) => {
  const untilLeft = async (bytes: string, inMiddle = false) => {
    const client = wire().client(bytes);
    const { connection } = await wire().upstream.arrived('/a');
    if (inMiddle) await client.until(({ received }) => received.includes('hello'), 'beginning of the body');
    client.leave(how);
    await connection.left(2000);
    await wire().expectHealthy();
  };

  test('before the head', async () => {
    wire().upstream.reply = () => undefined;
    await untilLeft(get('/a'));
  });

  test('before the head of an answer to an upload', async () => {
    wire().upstream.reply = () => undefined;
    await untilLeft(post('/a', 'hello'));
  });

  test('within its upload', async () => {
    wire().upstream.reply = () => undefined;
    await untilLeft(`${request('POST', '/a', 'Content-Length: 100')}hello`);
  });

  test.each([
    ['in chunks', 'Transfer-Encoding: chunked', (text: string) => `5\r\n${text}\r\n`],
    ['of a length', 'Content-Length: 100000', (text: string) => text],
  ])('within a body %s', async (_name, field, framed) => {
    wire().upstream.reply = async ({ connection }) => {
      connection.write(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
      while (!connection.hasEnded && !connection.isClosed) {
        connection.write(framed('hello'));
        await pause(20);
      }
    };
    await untilLeft(get('/a'), true);
  });

  test('with more requests in its pipeline', async () => {
    wire().upstream.reply = () => undefined;
    await untilLeft(get('/a') + get('/b') + get('/c'));
  });
});

test('a client that leaves with RST in the middle of a silent body ends the upstream call', async () => {
  wire().upstream.reply = sending('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
  const client = wire().client(get('/a'));
  const { connection } = await wire().upstream.arrived('/a');
  await client.until(({ received }) => received.includes('hello'), 'beginning of the body');
  client.leave('RST');
  await connection.left(2000);
});
