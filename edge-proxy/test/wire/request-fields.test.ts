import { describe, expect, test } from '@jest/globals';
import { valueOf, valuesOf } from './raw-message.ts';
import type { SeenRequest } from './raw-upstream.ts';
import { get, post, request, wireForAll } from './wire-under-test.ts';
import type { Wire } from './wire-under-test.ts';

/** Which fields of a request go on, which stay, and which are the edge's own (RFC 9110, section 7.6). */
const wire = wireForAll();

async function seen(under: Wire, ...fields: string[]): Promise<SeenRequest> {
  expect((await under.get('/a', ...fields)).status).toBe(200);
  return under.upstream.requests.at(-1)!;
}

describe('not passed on:', () => {
  test.each([
    'Connection: close',
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'TE: gzip;q=0.5',
    'Trailer: foo',
    'Upgrade: h2c',
    'Upgrade: websocket',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic eA==',
    'Proxy-Authenticate: Basic',
    'Proxy-Anything: x',
    'X-Edge-Prefer: coach',
    'X-EDGE-Fallback: lie',
    'X-User-Id: root',
    'x-user-roles: operator',
    'X_Forwarded_For: 6.6.6.6',
    'Content_Length: 5',
    'a_b: c',
  ])('%s', async (field) => {
    const name = field.split(':', 1)[0]!.toLowerCase();
    const { fields } = await seen(wire(), field, 'Accept: x');
    const left = fields.filter(([each]) => each === name);
    expect(left).toEqual(name === 'connection' ? [['connection', 'keep-alive']] : []);
    expect(fields).toContainEqual(['accept', 'x']);
  });
});

test('the time that is left is never what a client says', async () => {
  expect(valuesOf(await seen(wire(), 'X-Edge-Timeout-Ms: 987654321'), 'x-edge-timeout-ms')).not.toContain('987654321');
});

describe('Connection is obeyed:', () => {
  test.each([
    ['one name', ['Connection: X-Hop'], false],
    ['another case', ['Connection: x-hOP'], false],
    ['in a list', ['Connection: close, X-Hop , keep-alive'], false],
    ['with commas to spare', ['Connection: ,, X-Hop,,'], false],
    ['in a second field', ['Connection: close', 'Connection: X-Hop'], false],
    ['all that may be named', ['Connection: close, keep-alive, upgrade, te, trailer, x-anything-else, X-Hop'], false],
    ['a longer name is another name', ['Connection: X-Hop-2'], true],
    ['no name', ['Connection:'], true],
    ['nothing of it', [], true],
  ])('%s', async (_name, connection, isPassedOn) => {
    const { fields } = await seen(wire(), ...connection, 'X-Hop: 1', 'x-hop: 2', 'X-Stays: 3');
    expect(valuesOf({ fields }, 'x-hop')).toEqual(isPassedOn ? ['1', '2'] : []);
    expect(valuesOf({ fields }, 'x-stays')).toEqual(['3']);
  });
});

test('all other fields go on as they came: order, doubles, case of values', async () => {
  const sent = [
    'Cookie: a=b',
    'X-B: 1',
    'Authorization: Bearer aB',
    'X-B: 2',
    'Accept: */*',
    'If-None-Match: "x"',
    'Range: bytes=0-',
  ];
  const { fields } = await seen(wire(), ...sent);
  const names = new Set(['cookie', 'x-b', 'authorization', 'accept', 'if-none-match', 'range']);
  const expected = sent.map((field) => field.split(': ')).map(([name, value]) => [name!.toLowerCase(), value]);
  expect(fields.filter(([name]) => names.has(name))).toEqual(expected);
});

test('a body has the type, coding and length that its client gave it', async () => {
  await wire().ask(post('/a', 'hello', 'Content-Type: text/x', 'Content-Encoding: br', 'Content-Language: de'));
  const [request] = wire().upstream.requests;
  const told = (name: string) => valuesOf(request!, name);
  expect([told('content-type'), told('content-encoding'), told('content-language')]).toEqual([
    ['text/x'],
    ['br'],
    ['de'],
  ]);
  expect(told('content-length')).toEqual(['5']);
  expect(request!.body).toBe('hello');
});

test('a Trailer without a body does no harm', async () => {
  await seen(wire(), 'Trailer: foo');
  await wire().ask(request('POST', '/a', 'Trailer: foo', 'Content-Length: 0'));
  await wire().expectHealthy();
});

describe('trailers of a request', () => {
  test.each(['X-T: 1', 'Host: evil', 'Authorization: evil', 'X-User-Id: root'])(
    'are dropped, never merged into its head: %s',
    async (trailer) => {
      const [name = '', value] = trailer.toLowerCase().split(': ');
      const body = `5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`;
      await wire().ask(request('POST', '/a', 'Transfer-Encoding: chunked', `Trailer: ${name}`) + body);
      const [request_] = wire().upstream.requests;
      expect({ body: request_!.body, trailers: request_!.trailers }).toEqual({ body: 'hello', trailers: [] });
      expect(request_!.fields.map(([, each]) => each)).not.toContain(value);
    },
  );
});

describe('Via', () => {
  test.each([
    ['of HTTP/1.1', get('/a'), '1.1 edge'],
    ['of HTTP/1.0', 'GET /a HTTP/1.0\r\n\r\n', '1.0 edge'],
    ['after others', get('/a', 'Via: 2 first'), '2 first, 1.1 edge'],
    [
      'after others on several lines',
      get('/a', 'Via: 2 first', 'Via: 1.0 second (x)'),
      '2 first, 1.0 second (x), 1.1 edge',
    ],
  ])('%s', async (_name, bytes, via) => {
    await wire().ask(bytes);
    expect(valuesOf(wire().upstream.requests[0]!, 'via').join(', ')).toBe(via);
  });
});

const CLAIMS = [
  'X-Forwarded-For: 6.6.6.6, 203.0.113.7',
  'X-Forwarded-For: 10.1.2.3',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: public.example',
];
const forwarded = (request: SeenRequest) =>
  ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'].map((name) =>
    valuesOf(request, name).join(', '),
  );

describe('forwarded fields', () => {
  test('of a stranger are ours alone', async () => {
    const request = await seen(wire(), ...CLAIMS, 'Forwarded: for=6.6.6.6;proto=https', 'Host: b:81');
    expect(forwarded(request)).toEqual(['127.0.0.1', 'http', 'b:81', 'for=127.0.0.1;host="b:81";proto=http']);
  });

  describe('of a trusted peer', () => {
    const trusting = wireForAll({ env: { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } });

    test('are extended', async () => {
      const [chain, proto, host, standard] = forwarded(await seen(trusting(), ...CLAIMS, 'Host: b:81'));
      expect([chain, proto, host]).toEqual(['6.6.6.6, 203.0.113.7, 10.1.2.3, 127.0.0.1', 'https', 'public.example']);
      expect(standard).toMatch(/^for=203\.0\.113\.7;host="?public\.example"?;proto=https/);
    });

    test('a Forwarded without its older kin is extended too', async () => {
      const theirs = 'for=192.0.2.1;proto=https, for=10.0.0.1';
      const { fields } = await seen(trusting(), `Forwarded: ${theirs}`, 'Host: b');
      const chain = fields.filter(([name]) => name === 'forwarded').map(([, value]) => value);
      expect(chain.join(', ')).toMatch(/^for=192\.0\.2\.1;proto=https, for=10\.0\.0\.1, for="?127\.0\.0\.1\b/);
    });

    test.each([
      ['none', [], ['127.0.0.1', 'http', 'b']],
      ['an odd protocol', ['X-Forwarded-Proto: gopher'], ['127.0.0.1', 'http', 'b']],
      ['an IPv6 client', ['X-Forwarded-For: 2001:db8::1'], ['2001:db8::1, 127.0.0.1', 'http', 'b']],
    ])('%s', async (_name, fields, expected) => {
      const request = await seen(trusting(), ...fields, 'Host: b');
      expect(forwarded(request).slice(0, 3)).toEqual(expected);
      if (_name === 'an IPv6 client') expect(valueOf(request, 'forwarded')).toContain('for="[2001:db8::1]"');
    });

    test('the old names of our own stay dropped', async () => {
      const { fields } = await seen(trusting(), 'X-Edge-Prefer: coach', 'X-User-Id: root', 'x_a: b');
      const names = fields.map(([name]) => name).filter((name) => name !== 'x-edge-timeout-ms');
      expect(names.filter((name) => /^x-(edge|user)|_/.test(name))).toEqual([]);
    });
  });

  describe('of an IPv6 peer', () => {
    const six = wireForAll({ env: { HOST: '::1' } });

    test('have its address, in brackets where the syntax wants them', async () => {
      const request = await seen(six(), 'Host: [::1]:8080');
      expect(forwarded(request)).toEqual(['::1', 'http', '[::1]:8080', 'for="[::1]";host="[::1]:8080";proto=http']);
    });
  });
});
