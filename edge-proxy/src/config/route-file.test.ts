import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { readRequestHead } from '../data-plane/request-head.ts';
import { trustedProxies } from '../domain/client-address.ts';
import { RouteFileError, parseRouteFile } from './route-file.ts';

/** What passes the edge; hop-by-hop fields; what the edge sets or drops. */
const HEADERS = `
  X-Tenant Authorization Cookie User-Agent Accept-Language X-Real-Ip X-Usergroup
  Connection Keep-Alive Proxy-Connection TE Trailer Transfer-Encoding Upgrade
  Expect Forwarded Host Via X-Correlation-ID X-Request-ID Proxy-Authorization
  X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Edge-Prefer X-User-Id X-User-Roles`
  .trim()
  .split(/\s+/);

const UPSTREAMS = { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } };
const ROUTE = { name: 'cart', path: '/cart', old: 'old', new: 'new' };

const read = (file: object, variables: Record<string, string> = {}) =>
  parseRouteFile('edge.yaml', JSON.stringify(file), variables);
const withKey = (key: unknown) => ({ upstreams: UPSTREAMS, defaultUpstream: 'old', routes: [{ ...ROUTE, key }] });
const problemsOf = (file: object): string[] => {
  try {
    read(file);
  } catch (error) {
    if (!(error instanceof RouteFileError)) throw error;
    return error.problems.map(
      ({ field, rule, value }) => `${field}: ${rule}${value === null ? '' : `, received ${value}`}`,
    );
  }
  return [];
};

test('every problem is told at once, with the field, the rule and the value', () => {
  const file = {
    upstreams: { ...UPSTREAMS, far: { url: 'http://far/path', speed: 1 } },
    defaultUpstream: 'nowhere',
    routes: [
      { ...ROUTE, path: 'cart', initialWeight: 101 },
      { ...ROUTE, new: 'newer', path: '/cart', key: { header: 'x_tenant' } },
    ],
  };
  expect(problemsOf(file)).toEqual([
    'upstreams.far.url: must be an http or https origin without a path, received "http://far/path"',
    'upstreams.far.speed: is not a known field',
    'defaultUpstream: must name an upstream, received "nowhere"',
    'routes.0.path: must start with / and have no query, fragment or space, received "cart"',
    'routes.0.initialWeight: must be a number from 0 to 100, received 101',
    'routes.1.name: must differ from that of every other route, received "cart"',
    'routes.1.new: must name an upstream, received "newer"',
    expect.stringMatching(/^routes\.1\.key\.header: .*, received "x_tenant"$/),
  ]);
});

test('rules between fields are told beside whatever else is wrong, as far as they can be judged', () => {
  const file = {
    upstreams: { ...UPSTREAMS, slow: { url: 'http://slow', breaker: { failures: '5', openMs: 9000, maxOpenMs: 1 } } },
    defaultUpstream: 'nowhere',
    routes: [{ ...ROUTE, new: 'old' }, { ...ROUTE, old: 7, new: 'newer' }, 'cart', { path: '/health', old: 'old' }],
    internalPaths: [7, '/cart'],
  };
  expect(problemsOf(file)).toEqual([
    'upstreams.slow.breaker.failures: must be a whole number from 1 to 1000, received "5"',
    'upstreams.slow.breaker.maxOpenMs: must not be less than openMs, received 1',
    'defaultUpstream: must name an upstream, received "nowhere"',
    'routes.0.path: must not be an internal path or one that the edge answers itself, received "/cart"',
    'routes.0.new: must differ from old, received "old"',
    'routes.1.name: must differ from that of every other route, received "cart"',
    'routes.1.path: must not be an internal path or one that the edge answers itself, received "/cart"',
    'routes.1.path: must differ from that of every other route, received "/cart"',
    'routes.1.old: must be text, received 7',
    'routes.1.new: must name an upstream, received "newer"',
    'routes.2: must be a map of fields, received "cart"',
    'routes.3.name: is missing',
    'routes.3.new: is missing',
    'routes.3.path: must not be an internal path or one that the edge answers itself, received "/health"',
    'internalPaths.0: must be text, received 7',
  ]);
});

test('without upstreams, no name of one is wrong', () => {
  expect(problemsOf({ defaultUpstream: 'old', routes: [ROUTE] })).toEqual(['upstreams: is missing']);
});

test('a password in a URL is not repeated', () => {
  const [problem] = problemsOf({ upstreams: { old: { url: 'http://u:s3cret@old' } }, defaultUpstream: 'old' });
  expect(problem).toMatch(/received a URL with credentials$/);
});

describe('${NAME}', () => {
  const urlOf = (url: string, variables: Record<string, string>) =>
    read({ upstreams: { old: { url } }, defaultUpstream: 'old' }, variables).upstreams['old']!.url;

  test.each([
    ['${HOST}', { HOST: 'a' }, 'http://a'],
    ['${HOST:-b}', { HOST: 'a' }, 'http://a'],
    ['${HOST:-b}', { HOST: '' }, 'http://b'],
    ['${HOST:-b}:${PORT:-1}', {}, 'http://b:1'],
  ])('%s with %j is %s', (text, variables, url) => {
    expect(urlOf(`http://${text}`, variables)).toBe(url);
  });

  test('that is not set and has no default is a problem, the only one of its text', () => {
    expect(problemsOf({ upstreams: { old: { url: 'http://${HOST}' } }, defaultUpstream: 'old' })).toEqual([
      'upstreams.old.url: ${HOST} is not set in the environment',
    ]);
  });
});

test.each(['/health', '/ready', '/metrics', '/own'])('a route at %s would never be reached', (path) => {
  const upstreams = { old: { url: 'http://a' }, new: { url: 'http://b' } };
  const file = {
    upstreams,
    defaultUpstream: 'old',
    routes: [{ name: 'x', path, old: 'old', new: 'new' }],
    ...(path === '/own' && { internalPaths: ['/own'] }),
  };
  expect(problemsOf(file)).toEqual([
    `routes.0.path: must not be an internal path or one that the edge answers itself, received "${path}"`,
  ]);
});

describe('the key of a route', () => {
  test.each([
    [{ header: 'X-Tenant' }, { from: 'header', name: 'x-tenant' }],
    [{ cookie: 'connect.sid' }, { from: 'cookie', name: 'connect.sid' }],
    [{ cookie: '__Host-session' }, { from: 'cookie', name: '__Host-session' }],
    [{ claim: 'https://shop.example/customer' }, { from: 'claim', name: 'https://shop.example/customer' }],
    [undefined, { from: 'claim', name: 'sub' }],
  ])('%j is taken', (key, taken) => {
    expect(read(withKey(key)).routes[0]!.key).toEqual(taken);
  });

  test.each([
    [{ header: '' }, 'header', 'must be 1 to 64 letters, digits and dashes'],
    [{ header: 'x_tenant' }, 'header', 'must be 1 to 64 letters, digits and dashes'],
    [{ header: 'x.tenant' }, 'header', 'must be 1 to 64 letters, digits and dashes'],
    [{ header: 'x tenant' }, 'header', 'must be 1 to 64 letters, digits and dashes'],
    [{ header: 'x'.repeat(65) }, 'header', 'must be 1 to 64 letters, digits and dashes'],
    [{ cookie: '' }, 'cookie', 'must be the name of a cookie'],
    [{ cookie: 'a b' }, 'cookie', 'must be the name of a cookie'],
    [{ cookie: 'a=b' }, 'cookie', 'must be the name of a cookie'],
    [{ cookie: 'größe' }, 'cookie', 'must be the name of a cookie'],
    [{ claim: '' }, 'claim', 'must be the name of a claim, 1 to 64 characters long'],
    [{ claim: 'c'.repeat(65) }, 'claim', 'must be the name of a claim, 1 to 64 characters long'],
  ])('%j is refused by its name', (key, member, rule) => {
    const [problem, ...others] = problemsOf(withKey(key));
    expect(problem).toContain(`routes.0.key.${member}: ${rule}`);
    expect(problem).toContain(`received ${JSON.stringify(Object.values(key)[0])}`);
    expect(others).toEqual([]);
  });

  test.each([[{}], [{ claim: 7 }], [{ claim: 'sub', header: 'x-tenant' }], [{ query: 'user' }], ['sub'], [null]])(
    '%j is none',
    (key) => {
      expect(problemsOf(withKey(key))).toEqual([
        `routes.0.key: must be one of claim, header or cookie, with its name, received ${JSON.stringify(key)}`,
      ]);
    },
  );

  /** The rule follows what the edge does to a request: a header is a key only if servers behind see it as it was sent. */
  test.each(HEADERS)('header %s is taken exactly if it passes the edge untouched', (name) => {
    expect(problemsOf(withKey({ header: name })).length === 0).toBe(passesTheEdge(name));
  });
});

function passesTheEdge(name: string): boolean {
  const req = new IncomingMessage(new Socket());
  req.url = '/';
  req.httpVersion = '1.1';
  req.headers = { host: 'shop.example' };
  req.rawHeaders = ['Host', 'shop.example', ...(name === 'Host' ? [] : [name, 'a value of the client'])];
  const head = readRequestHead(req, { trusted: trustedProxies([]), maxHeaderCount: 10, maxTargetBytes: 10 });
  if (head instanceof Error) throw head;
  return head.headers.some((field, at) => field === name && head.headers[at + 1] === 'a value of the client');
}
