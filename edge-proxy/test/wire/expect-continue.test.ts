import { describe, expect, test } from '@jest/globals';
import { valuesOf } from './raw-message.ts';
import { RawUpstream } from './raw-upstream.ts';
import { Wire, expectProblem, request, wireForAll } from './wire-under-test.ts';

/** `Expect` (RFC 9110, section 10.1.1): the client is asked for its body once somebody will take it, and not before. */
const wire = wireForAll();
const expecting = (...fields: string[]) =>
  request('POST', '/a', 'Expect: 100-continue', 'Content-Length: 5', ...fields);

test.each([
  ['a length', expecting(), 'hello'],
  ['another case', request('POST', '/a', 'expect: 100-Continue', 'Content-Length: 5'), 'hello'],
  ['chunks', request('POST', '/a', 'Expect: 100-continue', 'Transfer-Encoding: chunked'), '5\r\nhello\r\n0\r\n\r\n'],
])('%s: 100, then the body, then the answer; the upstream does not see the field', async (_name, head, body) => {
  const client = wire().client(head);
  await client.until(({ received }) => received.endsWith('\r\n\r\n'), '100');
  expect(client.received).toMatch(/^HTTP\/1.1 100 Continue\r\n/);
  const answer = await client.send(body).answer();
  expect(answer.status).toBe(200);
  expect(answer.interim.map(({ status }) => status)).toEqual([100]);
  const [seen] = wire().upstream.requests;
  expect(seen!.body).toBe('hello');
  expect(valuesOf(seen!, 'expect')).toEqual([]);
});

test('100 comes only once a connection to the upstream is there', async () => {
  await using fresh = await Wire.start();
  const client = fresh.client(expecting());
  await client.until(({ received }) => received.includes('100 Continue'), '100');
  await fresh.upstream.until(() => fresh.upstream.connections.length === 1, 'connection');
});

test('a client that does not wait is answered as well, and its connection stays usable', async () => {
  const client = wire().client(`${expecting()}hello${request('GET', '/b')}`);
  expect((await client.answer()).body).toBe('/a');
  expect((await client.answer()).body).toBe('/b');
  expect(wire().upstream.requests.map(({ body }) => body)).toEqual(['hello', '']);
});

test('without a body there is nothing to continue with', async () => {
  const answer = await wire().ask(request('GET', '/a', 'Expect: 100-continue'));
  expect(answer).toMatchObject({ status: 200, body: '/a' });
});

test('HTTP/1.0 knows no 100: the expectation is ignored', async () => {
  const bytes = 'POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello';
  expect(await wire().ask(bytes)).toMatchObject({ status: 200, body: '/a', interim: [] });
});

describe('no 100 for what is refused:', () => {
  test.each([
    ['two hosts', expecting('Host: a', 'Host: b'), 400],
    ['no Host', 'POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n', 400],
    ['a Connection that names Cookie', expecting('Connection: cookie'), 400],
    ['length and coding', expecting('Transfer-Encoding: chunked'), 400],
    ['TRACE', request('TRACE', '/a', 'Expect: 100-continue'), 405],
    ['an internal path', request('POST', '/metrics', 'Expect: 100-continue', 'Content-Length: 5'), 404],
    ['another expectation', request('POST', '/a', 'Expect: something-else', 'Content-Length: 5'), 417],
    ['several expectations', request('POST', '/a', 'Expect: 100-continue, x=y', 'Content-Length: 5'), 417],
    ['two Expect fields', request('POST', '/a', 'Expect: 100-continue', 'Expect: x', 'Content-Length: 5'), 417],
    ['another expectation of GET', request('GET', '/a', 'Expect: x'), 417],
  ])('%s', async (_name, bytes, status) => {
    const answer = await wire().client(bytes).answer();
    expectProblem(answer, status);
    expect(answer.interim).toEqual([]);
    await wire().expectNothingArrived();
  });

  test('an upstream that refuses connections: 503', async () => {
    const gone = await new RawUpstream().listen();
    const { url } = gone;
    await gone.close();
    await using refusing = await Wire.start({ legacyUpstream: { url } });
    const answer = await refusing.client(expecting()).answer();
    expectProblem(answer, 503);
    expect(answer.interim).toEqual([]);
  });
});

test('a final answer in place of 100 reaches the client, which keeps its body', async () => {
  wire().upstream.reply = ({ connection }) => connection.end('HTTP/1.1 413 x\r\nContent-Length: 5\r\n\r\nlarge');
  const client = wire().client(request('POST', '/a', 'Expect: 100-continue', 'Content-Length: 100000'));
  await client.until(({ received }) => received.includes('100 Continue'), '100');
  client.send('x'.repeat(1000));
  expect(await client.answer()).toMatchObject({ status: 413, body: 'large' });
});
