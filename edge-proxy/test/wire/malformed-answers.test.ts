import { describe, expect, test } from '@jest/globals';
import { BAD_CONTENTS, BAD_HEADS, GOOD_BEGINNING } from './malformed-answers.ts';
import { valueOf } from './raw-message.ts';
import { sending, sendingThen } from './raw-upstream.ts';
import { expectProblem, get, wireForAll } from './wire-under-test.ts';

/**
 * What an upstream sends is believed as little as what a client sends: 502 while nothing went to the client, else the
 * answer is cut; and the connection that brought it is never used again.
 */
const wire = wireForAll();

/** The next request is answered over another connection; the bad one is closed. */
async function expectNotUsedAgain(): Promise<void> {
  const bad = new Set(wire().upstream.requests.map(({ connection }) => connection));
  await wire().expectHealthy();
  expect(bad).not.toContain(wire().upstream.requests.at(-1)!.connection);
  for (const connection of bad) await connection.left();
}

describe('502 for', () => {
  test.each(BAD_HEADS)('%s', async (_name, bytes) => {
    wire().upstream.reply = sending(bytes);
    expectProblem(await wire().get('/a'), 502);
    await expectNotUsedAgain();
  });
});

describe('502, when it comes in pieces or ends with FIN, for', () => {
  test.each(BAD_HEADS.filter(([, bytes]) => bytes.length < 500))('%s', async (_name, bytes) => {
    wire().upstream.reply = sending(bytes.slice(0, 20), bytes.slice(20));
    expectProblem(await wire().get('/a'), 502);
    await expectNotUsedAgain();
    wire().upstream.reply = sendingThen('FIN', bytes);
    expectProblem(await wire().get('/a'), 502);
    await expectNotUsedAgain();
  });
});

test('the answer to a request that may have had an effect is 502 too, after one attempt', async () => {
  wire().upstream.reply = sending('HTTP/1.1 999 x\r\n\r\n');
  expectProblem(await wire().ask('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx'), 502);
  expect(wire().upstream.requests).toHaveLength(1);
});

describe('cut for', () => {
  test.each(BAD_CONTENTS)('%s', async (_name, bytes) => {
    wire().upstream.reply = async (request) => {
      request.connection.write(GOOD_BEGINNING);
      await client.until(({ received }) => received.includes('hello'));
      request.connection.write(bytes);
    };
    const client = wire().client(get('/a'));
    await client.rest();
    expect(client.received).toMatch(/^HTTP\/1.1 200 [^]*\r\n5\r\nhello\r\n/);
    expect(client.received).not.toMatch(/\n0+\r\n/);
    expect(client.received.match(/HTTP\/1/g)).toHaveLength(1);
    await expectNotUsedAgain();
  });
});

test('no control byte of a reason reaches the client', async () => {
  wire().upstream.reply = sending('HTTP/1.1 200 O\0K\x7f\r\nContent-Length: 5\r\n\r\nhello');
  const client = wire().client(get('/a'));
  expect([200, 502]).toContain((await client.answer()).status);
  // oxlint-disable-next-line no-control-regex
  expect(client.received).not.toMatch(/[\0\x7f]/);
});

test('an HTTP/1.0 connection that was chunked is not used again', async () => {
  wire().upstream.reply = sending('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
  await wire().get('/a');
  await expectNotUsedAgain();
});

describe('sound, however odd:', () => {
  test.each([
    ['an unusual reason', 'HTTP/1.1 200 Alles in Ordnung!\r\nContent-Length: 5\r\n\r\nhello', 200],
    ['an empty reason', 'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello', 200],
    ['no reason and no space', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello', 200],
    ['a reason in latin1', 'HTTP/1.1 404 Gefunden? N\xf6\r\nContent-Length: 5\r\n\r\nhello', 404],
    ['an unknown status', 'HTTP/1.1 299 x\r\nContent-Length: 5\r\n\r\nhello', 299],
    ['an unknown 5xx', 'HTTP/1.1 599 x\r\nContent-Length: 5\r\n\r\nhello', 599],
    ['HTTP/1.0 to its end', 'HTTP/1.0 200 OK\r\n\r\nhello', 200],
    ['HTTP/1.1 to its end', 'HTTP/1.1 200 OK\r\n\r\nhello', 200],
    ['an extension', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n', 200],
    ['empty lines before it', '\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200],
  ])('%s', async (_name, bytes, status) => {
    wire().upstream.reply = sendingThen('FIN', bytes);
    expect(await wire().get('/a')).toMatchObject({ status, body: 'hello' });
  });

  test.each([
    ['high bytes', 'X-Odd: gr\xfc\xdfe\xff\x80'],
    ['a tab within', 'X-Odd: a\tb'],
    ['an empty value', 'X-Odd:'],
    ['UTF-8', 'X-Odd: \xe2\x82\xac'],
  ])('a value with %s is unchanged', async (_name, field) => {
    wire().upstream.reply = sending(`HTTP/1.1 200 OK\r\n${field}\r\nContent-Length: 0\r\n\r\n`);
    expect(valueOf(await wire().get('/a'), 'x-odd')).toBe(field.slice(6).trim());
  });
});
