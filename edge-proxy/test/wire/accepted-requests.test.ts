import { describe, expect, test } from '@jest/globals';
import { valueOf, valuesOf } from './raw-message.ts';
import { expectProblem, get, post, request, wireForAll } from './wire-under-test.ts';

/** What looks odd and is sound: passed on, once, with one framing that nobody can misread. */
const wire = wireForAll();
const chunked = (body: string, ...fields: string[]) =>
  request('POST', '/a', 'Transfer-Encoding: chunked', ...fields) + body;

test.each([
  ['a length with spaces around it', request('POST', '/a', 'Content-Length: \t 5 \t') + 'hello', 'hello'],
  ['a length with zeros before it', request('POST', '/a', 'Content-Length: 0005') + 'hello', 'hello'],
  ['a length of nothing', request('POST', '/a', 'Content-Length: 0'), ''],
  ['neither length nor coding', request('POST', '/a'), ''],
  ['a body of GET', request('GET', '/a', 'Content-Length: 5') + 'hello', 'hello'],
  ['a body of DELETE', request('DELETE', '/a', 'Content-Length: 5') + 'hello', 'hello'],
  ['a body of OPTIONS', request('OPTIONS', '/a', 'Content-Length: 5') + 'hello', 'hello'],
  ['a body that looks like a request', post('/a', get('/smuggled')), get('/smuggled')],
  ['chunks', chunked('5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n'), 'hello!'],
  ['a chunk of GET', `${request('GET', '/a', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`, 'hello'],
  ['no chunk', chunked('0\r\n\r\n'), ''],
  ['a coding in capitals', `${request('POST', '/a', 'TRANSFER-ENCODING: CHUNKED')}5\r\nhello\r\n0\r\n\r\n`, 'hello'],
  [
    'sizes in both cases, with zeros',
    chunked('000A\r\n0123456789\r\n00a\r\n0123456789\r\n000\r\n\r\n'),
    '01234567890123456789',
  ],
  ['an extension', chunked('5;a=b;c="d e"\r\nhello\r\n0;x\r\n\r\n'), 'hello'],
  [
    'a chunk that looks like a request',
    chunked(`${get('/smuggled').length.toString(16)}\r\n${get('/smuggled')}\r\n0\r\n\r\n`),
    get('/smuggled'),
  ],
])('%s', async (_name, bytes, body) => {
  for (const cut of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1]) {
    wire().upstream.forget();
    const client = wire().client(bytes.slice(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await client.send(bytes.slice(cut)).answer()).status).toBe(200);
    client.leave();
    const [seen, ...others] = wire().upstream.requests;
    expect(others).toEqual([]);
    expect({ target: seen!.target, body: seen!.body, isWhole: seen!.isWhole }).toEqual({
      target: '/a',
      body,
      isWhole: true,
    });
    expect([...valuesOf(seen!, 'content-length'), ...valuesOf(seen!, 'transfer-encoding')].length).toBeLessThan(2);
  }
});

test.each([
  ['two spaces before the target', 'GET  /a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['two spaces before the version', 'GET /a  HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['empty lines before the request', '\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no space after the colons', 'GET /a HTTP/1.1\r\nHost:a\r\nAccept:x\r\n\r\n'],
  ['an empty value', get('/a', 'X:')],
  ['high bytes in a value', get('/a', 'X: \xe4\xff')],
  ['a value of tabs and spaces', get('/a', 'X: a\t b')],
])('%s', async (_name, bytes) => {
  expect((await wire().ask(bytes)).body).toBe('/a');
  expect(wire().upstream.requests.map(({ start }) => start)).toEqual(['GET /a HTTP/1.1']);
});

test('empty lines between requests are none', async () => {
  const client = wire().client(`${post('/a', 'x')}\r\n\r\n${get('/b')}`);
  expect((await client.answer()).body).toBe('/a');
  expect((await client.answer()).body).toBe('/b');
});

describe('Host:', () => {
  test.each([
    'a',
    'A.Example',
    'a.',
    'a:80',
    'a_b',
    'xn--80ak6aa92e.com',
    '127.0.0.1:1',
    '[::1]',
    '[2001:db8::1]:8080',
  ])('%s', async (host) => {
    expect((await wire().get('/a', `Host: ${host}`)).status).toBe(200);
    const [seen] = wire().upstream.requests;
    expect(valuesOf(seen!, 'host')).toEqual([new URL(wire().upstream.url).host]);
    expect(valuesOf(seen!, 'x-forwarded-host')).toEqual([host]);
  });
});

describe('a target:', () => {
  test.each([
    ['http://evil.example/a?b=c', '/a?b=c', 'evil.example'],
    ['HTTP://EVIL.example:81/a', '/a', 'EVIL.example:81'],
    ['https://evil.example/a', '/a', 'evil.example'],
    ['http://evil.example', '/', 'evil.example'],
    ['http://evil.example?b=c', '/?b=c', 'evil.example'],
    ['http://[::1]:81/a', '/a', '[::1]:81'],
    ['//evil.example/a', '//evil.example/a', 'a'],
    ['/http://evil.example/a', '/http://evil.example/a', 'a'],
    ['/a?b=http://evil.example/', '/a?b=http://evil.example/', 'a'],
    ['/a/../b/./c//d', '/a/../b/./c//d', 'a'],
    ['/%2e%2e/a%2Fb%00', '/%2e%2e/a%2Fb%00', 'a'],
    ["/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~", 'a'],
    ['/a\\b|c"d<e>f^g`h{i}', '/a\\b|c"d<e>f^g`h{i}', 'a'],
    ['/a?', '/a?', 'a'],
    ['/a?b?c', '/a?b?c', 'a'],
  ])('%s reaches the configured upstream as %s', async (target, seenAs, host) => {
    expect((await wire().ask(get(target))).status).toBe(200);
    const [seen] = wire().upstream.requests;
    expect(seen!.target).toBe(seenAs);
    expect(valueOf(seen!, 'x-forwarded-host')).toBe(host);
    expect(valueOf(seen!, 'forwarded')).toContain(/^[\w.]+$/.test(host) ? `host=${host};` : `host="${host}";`);
  });
});

describe('a method:', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is passed on', async (method) => {
    expect((await wire().ask(request(method, '/a', 'Content-Length: 0'))).status).toBe(200);
    expect(wire().upstream.requests.map((seen) => seen.method)).toEqual([method]);
  });

  test.each([
    ['TRACE', 'TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['TRACE of another host', 'TRACE http://evil.example/a HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
    ['CONNECT of an address', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['CONNECT in HTTP/1.0', 'CONNECT evil.example:443 HTTP/1.0\r\n\r\n'],
  ])('%s is 405', async (_name, bytes) => {
    const client = wire().client(bytes);
    const answer = await client.answer();
    expectProblem(answer, 405);
    expect(valueOf(answer, 'allow')).toMatch(/GET.*POST/);
    await wire().expectNothingArrived();
  });

  test('what follows a CONNECT is no tunnel and no request', async () => {
    const client = wire().client(`CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n${get('/smuggled')}`);
    expectProblem(await client.answer(), 405);
    expect(await client.rest()).toBe('');
    await wire().expectNothingArrived();
  });
});
