import { describe, expect, test } from '@jest/globals';
import type { RawClient } from './raw-client.ts';
import { valueOf } from './raw-message.ts';
import type { Reply } from './raw-upstream.ts';
import { SMUGGLED, Wire, expectProblem, get, post, request, wireForAll } from './wire-under-test.ts';

/**
 * Whatever comes behind a request that still waits for its answer: each answer goes out in its turn, none of them twice,
 * and none to a request that has had its own.
 */
const wire = wireForAll();

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const EXPECT = 'Expect: 100-continue';

/** Answers every head at once, whether the body is there or not; the request for `/slow` only when it is told to. */
function holdSlow(): () => void {
  const held: (() => void)[] = [];
  const reply: Reply = ({ target, connection }) => {
    const answer = () => connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
    if (target === '/slow') held.push(answer);
    else answer();
  };
  wire().upstream.reply = reply;
  return () => held.forEach((answer) => answer());
}

/** Sends bytes behind the request for `/slow`, which is answered only after they have had their effect. */
async function behindSlow(bytes: string): Promise<RawClient> {
  const release = holdSlow();
  const client = wire().client(get('/slow') + bytes);
  await wire().upstream.arrived('/slow');
  await wire().expectHealthy();
  expect(client.received).toBe('');
  release();
  expect(await client.answer()).toMatchObject({ status: 200, body: '/slow', interim: [] });
  return client;
}

describe('behind a request that is under way, answered in its turn:', () => {
  test.each([
    ['a request', get('/next'), 200],
    ['one for the edge itself', get('/health'), 200],
    ['one for nobody', get('/metrics'), 404],
    ['a TRACE', request('TRACE', '/next'), 405],
    ['an expectation that nobody understands', get('/next', 'Expect: x'), 417],
    ['an upgrade, which would overtake it: as an ordinary request', get('/next', ...UPGRADE), 200],
    ['an upload that is answered early', `${request('POST', '/next', 'Content-Length: 9')}ab`, 200],
    ['an upload that did not wait for its 100', post('/next', 'ab', EXPECT), 200],
    ['one of them that is answered early', `${request('POST', '/next', EXPECT, 'Content-Length: 9')}ab`, 200],
  ])('%s', async (_name, bytes, status) => {
    const client = await behindSlow(bytes);
    expect((await client.answer(bytes.split(' ', 1)[0])).status).toBe(status);
    expect(wire().upstream.requests.filter((seen) => valueOf(seen, 'upgrade') !== undefined)).toEqual([]);
    await wire().expectHealthy();
  });
});

describe('behind a request that is under way, the end of the connection after its answer:', () => {
  const CHUNKED = 'Transfer-Encoding: chunked';

  test.each([
    ['bytes that are no HTTP', '\0\0\0\r\n\r\n'],
    ['a head that goes wrong', 'GET /next HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['a CONNECT', request('CONNECT', 'elsewhere.test:80')],
    ['a bad chunk', `${request('DELETE', '/next', CHUNKED)}x\r\n`],
    ['a framing field among trailers', `${request('DELETE', '/next', CHUNKED)}0\r\nContent-Length: 5\r\n\r\n`],
  ])('%s', async (_name, bytes) => {
    wire().upstream.reply = () => undefined;
    const client = await behindSlow(bytes + SMUGGLED);
    // In its turn the edge may say what it thinks of it.
    expect(await client.rest()).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(client.ending).toBe('end');
  });
});

test('behind a request whose body was whole, a broken one takes nobody along but itself', async () => {
  const broken = `${request('DELETE', '/broken', 'Transfer-Encoding: chunked')}2\r\nab\r\nx\r\n`;
  const client = await behindSlow(post('/next', 'ab') + broken);
  expect(await client.answer()).toMatchObject({ status: 200, body: '/next' });
  expect(await client.rest()).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
});

test('100 Continue comes at its turn', async () => {
  const client = await behindSlow(request('POST', '/healthy', EXPECT, 'Content-Length: 3'));
  await client.until(({ received }) => received.endsWith('HTTP/1.1 100 Continue\r\n\r\n'), '100');
  const answer = await client.send('abc').answer();
  expect(answer).toMatchObject({ status: 200, body: '/healthy', interim: [{ status: 100 }] });
  expect(wire().upstream.requests.at(-1)!.body).toBe('abc');
});

describe('a request that was answered before its body broke gets no second answer:', () => {
  const HEAD = `${request('POST', '/early', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`;

  async function answeredEarly(under: Wire): Promise<RawClient> {
    under.upstream.reply = ({ connection }) => void connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const client = under.client(HEAD);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
    return client;
  }

  test.each([
    ['a bad chunk', (client: RawClient) => client.send(`x\r\n${SMUGGLED}`)],
    ['a half-closed client', (client: RawClient) => client.halfClose()],
  ])('%s', async (_name, breakOff) => {
    expect(await breakOff(await answeredEarly(wire())).rest()).toBe('');
    await wire().expectHealthy();
  });

  test('a client that takes too long', async () => {
    await using strict = await Wire.start({ env: { REQUEST_TIMEOUT_MS: '400', HEADER_TIMEOUT_MS: '400' } });
    expect(await (await answeredEarly(strict)).rest(15_000)).toBe('');
  });
});

test('one request too many without an answer is refused, and the last', async () => {
  const MOST = 20;
  const release = holdSlow();
  const others = Array.from({ length: MOST - 1 }, (_, at) => `/${at}`);
  const client = wire().client(get('/slow') + others.map((target) => get(target)).join('') + SMUGGLED.repeat(50));
  await wire().upstream.until(() => wire().upstream.requests.length === MOST, 'as many as may wait');
  await wire().expectHealthy();
  release();
  for (const target of ['/slow', ...others]) expect(await client.answer()).toMatchObject({ status: 200, body: target });
  const refused = await client.answer();
  expectProblem(refused, 503);
  expect(valueOf(refused, 'connection')).toBe('close');
  expect(valueOf(refused, 'retry-after')).toMatch(/^[1-9]/);
  expect(await client.rest()).toBe('');
});
