import { expect, test } from '@jest/globals';
import { valueOf, valuesOf } from './raw-message.ts';
import { pause, sending, sendingThen } from './raw-upstream.ts';
import { SMUGGLED, wireForAll } from './wire-under-test.ts';

/** Clients of HTTP/1.0 know no chunks and no 1xx; the end of the connection may end their answer. */
const wire = wireForAll();
const old = (...fields: string[]) => `${['GET /a HTTP/1.0', ...fields].join('\r\n')}\r\n\r\n`;
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

test.each([
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', '5'],
  ['chunks', `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, undefined],
  ['chunks and trailers', `${CHUNKED}5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n`, undefined],
])('%s', async (_name, bytes, length) => {
  for (const fields of [[], ['Host: a'], ['Connection: keep-alive'], ['TE: trailers, chunked', 'Connection: TE']]) {
    wire().upstream.reply = sending(bytes);
    const client = wire().client(old(...fields));
    const answer = await client.answer();
    expect(answer.body).toBe('hello');
    expect(valuesOf(answer, 'transfer-encoding')).toEqual([]);
    expect(valueOf(answer, 'content-length')).toBe(length);
    if (length === undefined || !fields.includes('Connection: keep-alive')) {
      expect(await client.rest()).toBe('');
      expect(client.ending).toBe('end');
    }
    client.leave();
  }
});

test('keep-alive works where the length is known', async () => {
  const client = wire().client();
  for (const target of ['/1', '/2', '/3']) {
    client.send(`GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
    const answer = await client.answer();
    expect(answer.body).toBe(target);
    expect(valueOf(answer, 'connection')?.toLowerCase()).toBe('keep-alive');
  }
  client.send('GET /4 HTTP/1.0\r\n\r\n');
  expect((await client.answer()).body).toBe('/4');
  await client.rest();
});

test.each([
  ['close first', ['Connection: close', 'Connection: keep-alive']],
  ['close last', ['Connection: keep-alive', 'Connection: close']],
  ['both in one', ['Connection: keep-alive, Close']],
])('close wins over keep-alive, and nothing that follows is served: %s', async (_name, fields) => {
  for (const head of [old(...fields), old(...fields, 'Content-Length: 2').replace('GET', 'POST') + 'ab']) {
    const client = wire().client(head + SMUGGLED);
    const answer = await client.answer();
    expect(answer.body).toBe('/a');
    expect(valueOf(answer, 'connection')).toBe('close');
    expect(await client.rest()).toBe('');
    expect(client.ending).toBe('end');
  }
});

test.each([
  ['FIN', CHUNKED],
  ['RST', CHUNKED],
  ['FIN', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'],
] as const)('an answer that the upstream cuts with %s after %j does not look whole', async (how, head) => {
  const body = head === CHUNKED ? '5\r\nhello\r\n' : 'hello';
  wire().upstream.reply = sendingThen(how, head + body);
  const client = wire().client(old());
  await client.rest();
  const [, received] = client.received.split('\r\n\r\n');
  expect(['', 'hello', undefined]).toContain(received);
  expect(head === CHUNKED ? client.ending : 'reset').toBe('reset');
});

test('no 1xx', async () => {
  wire().upstream.reply = sending(
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  );
  expect(await wire().ask(old())).toMatchObject({ status: 200, body: 'ok', interim: [] });
});

test('a line end too many after a body does no harm', async () => {
  const client = wire().client('POST /a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello\r\n');
  expect((await client.answer()).body).toBe('/a');
  expect(wire().upstream.requests.map(({ body }) => body)).toEqual(['hello']);
});

test('a half-closed client gets its whole answer, however late', async () => {
  wire().upstream.reply = async ({ connection }) => {
    await pause(500);
    connection.write(CHUNKED);
    for (const part of ['he', 'll', 'o!']) {
      connection.write(`2\r\n${part}\r\n`);
      // Far less than the silence that a client which has gone is known by.
      await pause(5);
    }
    connection.write('0\r\n\r\n');
  };
  const client = wire().client(old()).halfClose();
  expect((await client.answer()).body).toBe('hello!');
  expect(client.received).toMatch(/^HTTP\/1.1 200 /);
});
