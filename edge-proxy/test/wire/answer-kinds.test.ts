import { describe, expect, test } from '@jest/globals';
import { valueOf, valuesOf } from './raw-message.ts';
import { pause, sending, sendingThen } from './raw-upstream.ts';
import { Wire, expectProblem, get, request, wireForAll } from './wire-under-test.ts';

/** Answers without a body, before the answer, and behind the body: HEAD, 204, 304, 1xx and trailers. */
const wire = wireForAll();
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
const head = (status: string, ...fields: string[]) => `${[`HTTP/1.1 ${status} x`, ...fields].join('\r\n')}\r\n\r\n`;

describe('no body, whatever the head says:', () => {
  test.each([
    ['GET', '204', []],
    ['GET', '204', ['Content-Length: 0']],
    ['GET', '304', []],
    ['GET', '304', ['Content-Length: 5', 'ETag: "1"']],
    ['GET', '205', ['Content-Length: 0']],
    ['GET', '200', ['Content-Length: 0']],
    ['HEAD', '200', []],
    ['HEAD', '200', ['Content-Length: 5']],
    ['HEAD', '200', ['Transfer-Encoding: chunked']],
    ['HEAD', '304', ['Content-Length: 5']],
    ['HEAD', '404', ['Content-Length: 5']],
  ])('%s → %s %j', async (method, status, fields) => {
    wire().upstream.reply = sending(head(status, ...fields));
    const client = wire().client(request(method, '/a'));
    const answer = await client.answer(method);
    expect(answer).toMatchObject({ status: Number(status), body: '' });
    const length = valuesOf(answer, 'content-length');
    if (status === '204') expect([length, valuesOf(answer, 'transfer-encoding')]).toEqual([[], []]);
    else if (status !== '205') expect(length).toEqual(valuesOf({ fields: fields.map(split) }, 'content-length'));
    wire().upstream.forget();
    expect((await client.send(get('/next')).answer()).body).toBe('/next');
    expect(client.received.slice(0, 9)).toBe('HTTP/1.1 ');
  });

  test.each([
    ['GET', head('204', 'Content-Length: 5')],
    ['GET', head('204')],
    ['GET', head('304', 'Content-Length: 5')],
    ['HEAD', head('200', 'Content-Length: 5')],
  ])('%s: a body that comes all the same reaches nobody: %j', async (method, bytes) => {
    wire().upstream.reply = sending(`${bytes}hello`);
    const client = wire().client(request(method, '/a'));
    await client.answer(method);
    await pause(50);
    await wire().expectHealthy();
    client.send(get('/healthy'));
    expect((await client.answer()).body).toBe('/healthy');
    expect(client.received).not.toContain('hello');
  });
});

const split = (field: string): [string, string] => [field.split(': ')[0]!.toLowerCase(), field.split(': ')[1]!];

test('several Set-Cookie keep their order and stay apart', async () => {
  wire().upstream.reply = sending(
    head('200', 'Set-Cookie: b=1, x', 'X: y', 'set-cookie: a=2', 'Set-Cookie: b=3', 'Content-Length: 0'),
  );
  expect(valuesOf(await wire().get('/a'), 'set-cookie')).toEqual(['b=1, x', 'a=2', 'b=3']);
});

test.each([
  ['Via is appended', ['Via: 1.0 origin'], 'via', '1.0 origin, 1.1 edge'],
  ['Via is set', [], 'via', '1.1 edge'],
  ['Keep-Alive is dropped', ['Keep-Alive: timeout=1, max=2'], 'keep-alive', undefined],
  ['Proxy-Authenticate is dropped', ['Proxy-Authenticate: Basic'], 'proxy-authenticate', undefined],
  ['Upgrade is dropped', ['Upgrade: h2c', 'Connection: upgrade'], 'upgrade', undefined],
  ['what Connection names is dropped', ['Connection: X-Hop', 'X-Hop: 1'], 'x-hop', undefined],
  ['our own names are dropped', ['X-Edge-Fallback: lie'], 'x-edge-fallback', undefined],
])('%s', async (_name, fields, name, value) => {
  wire().upstream.reply = sending(head('200', ...fields, 'Content-Length: 0'));
  const values = valuesOf(await wire().get('/a'), name);
  // Node announces its own limits in Keep-Alive.
  const theirs = name === 'keep-alive' ? values.filter((each) => each === 'timeout=1, max=2') : values;
  expect(theirs.join(', ')).toBe(value ?? '');
});

describe('1xx', () => {
  test.each([
    ['103', EARLY_HINTS, [103]],
    ['102', 'HTTP/1.1 102 Processing\r\n\r\n', [102]],
    ['several', EARLY_HINTS + EARLY_HINTS + 'HTTP/1.1 102 x\r\n\r\n' + EARLY_HINTS, [103, 103, 102, 103]],
  ])('%s: passed on before the answer', async (_name, interim, statuses) => {
    wire().upstream.reply = async (seen) => {
      seen.connection.write(interim);
      await client.until(({ received }) => received.split('\r\n\r\n').length > statuses.length, 'the 1xx');
      seen.connection.write(OK);
    };
    const client = wire().client(get('/a'));
    const answer = await client.answer();
    expect(answer).toMatchObject({ status: 200, body: 'ok' });
    expect(answer.interim.map(({ status }) => status)).toEqual(statuses);
    if (statuses.includes(103)) expect(valuesOf(answer.interim[0]!, 'link')).toEqual(['</a.css>; rel=preload']);
  });

  test.each([
    ['in one piece', [EARLY_HINTS + OK]],
    ['byte by byte', (EARLY_HINTS + OK).split('')],
  ])('%s', async (_name, pieces) => {
    wire().upstream.reply = sending(...pieces);
    expect(await wire().get('/a')).toMatchObject({ status: 200, body: 'ok', interim: [{ status: 103 }] });
  });

  test('carry no hop-by-hop field and none of ours', async () => {
    wire().upstream.reply = sending(
      'HTTP/1.1 103 x\r\nLink: </a>\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Edge-Fallback: lie\r\n\r\n' + OK,
    );
    const { interim } = await wire().get('/a');
    expect(interim[0]!.fields.map(([name]) => name).filter((name) => /hop|edge|connection/.test(name))).toEqual([]);
  });

  test('an unasked 100 hangs nobody', async () => {
    wire().upstream.reply = sending(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    const answer = await wire().get('/a');
    if (answer.status === 200) expect(answer.body).toBe('ok');
    else expectProblem(answer, 502);
    await wire().expectHealthy();
  });

  test('in masses are 502, and most of them go no further', async () => {
    wire().upstream.reply = sending(EARLY_HINTS.repeat(1000) + OK);
    const answer = await wire().get('/a');
    expectProblem(answer, 502);
    expect(answer.interim.length).toBeLessThan(100);
    wire().upstream.forget();
    await wire().expectHealthy();
  });

  test('without end are ended by the first-byte time-out', async () => {
    await using strict = await Wire.start({ legacyUpstream: { firstByteTimeoutMs: 400 } });
    strict.upstream.reply = async ({ connection }) => {
      while (!connection.hasEnded && !connection.isClosed) {
        connection.write(EARLY_HINTS);
        await pause(20);
      }
    };
    const answer = await strict.get('/a');
    expectProblem(answer, 504);
    await strict.upstream.requests[0]!.connection.left();
  });
});

describe('trailers of an answer', () => {
  const withTrailers = (...trailers: string[]) =>
    `${head('200', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}5\r\nhello\r\n0\r\n${trailers.map((each) => `${each}\r\n`).join('')}\r\n`;
  const asking = get('/a', 'TE: trailers', 'Connection: TE');

  test('reach a client that takes them', async () => {
    wire().upstream.reply = sending(withTrailers('X-Sum: 1', 'X-Other: 2'));
    const answer = await wire().ask(asking);
    expect(answer).toMatchObject({ body: 'hello', framing: 'chunked' });
    expect(answer.trailers).toEqual([
      ['x-sum', '1'],
      ['x-other', '2'],
    ]);
  });

  test('reach nobody else', async () => {
    wire().upstream.reply = sending(withTrailers('X-Sum: 1'));
    const client = wire().client(get('/a'));
    expect(await client.answer()).toMatchObject({ body: 'hello', trailers: [] });
    expect(client.received).not.toMatch(/x-sum: 1/i);
  });

  test.each([
    'Content-Length: 1',
    'Transfer-Encoding: chunked',
    'Host: a',
    'Set-Cookie: a=b',
    'Authorization: a',
    'Connection: close',
    'X-Edge-Fallback: lie',
    'Content-Type: a/b',
    'Location: /b',
  ])('are never %s', async (trailer) => {
    wire().upstream.reply = sending(withTrailers(trailer, 'X-Sum: 1'));
    const client = wire().client(get('/a', 'TE: trailers', 'Connection: TE, close'));
    await client.rest();
    const name = trailer.split(':', 1)[0]!;
    const [, afterBody = ''] = client.received.split('hello\r\n');
    expect(afterBody.toLowerCase()).not.toContain(name.toLowerCase());
  });
});

test('an answer to its end is chunked for the client, and ends cleanly', async () => {
  wire().upstream.reply = sendingThen('FIN', 'HTTP/1.1 200 OK\r\n\r\nhello');
  const client = wire().client(get('/a'));
  const answer = await client.answer();
  expect({ body: answer.body, framing: answer.framing }).toEqual({ body: 'hello', framing: 'chunked' });
  expect(valueOf(answer, 'transfer-encoding')).toBe('chunked');
});
