import { describe, expect, test } from '@jest/globals';
import type { Routing } from '../admin-api/schemas.ts';
import { parseSourcedRouteFile } from '../config/route-file.ts';
import { routingDifferences } from './routing-differences.ts';

const FILE = parseSourcedRouteFile(
  'edge.yaml',
  `
upstreams: { legacy: { url: 'http://a:80/' }, coach: { url: 'http://b:81' } }
defaultUpstream: legacy
routes: [{ name: wod, path: /wod, old: legacy, new: coach, initialWeight: 5 }]
`,
  {},
);

const ROUTE: Routing['routes'][number] = {
  route: 'wod',
  path: '/wod',
  weight: 5,
  revision: 0,
  initial_weight: 5,
  retired: false,
  sides: { old: 'legacy', new: 'coach' },
  key: { from: 'claim', name: 'sub' },
};

const RUNNING: Routing = {
  upstreams: [
    { name: 'legacy', url: 'http://a' },
    { name: 'coach', url: 'http://b:81' },
  ],
  default_upstream: 'legacy',
  internal_paths: ['/metrics'],
  routes: [ROUTE],
};

const RELOAD = 'send the edge SIGHUP to reload';
const withRoute = (members: Partial<typeof ROUTE>): Routing => ({ ...RUNNING, routes: [{ ...ROUTE, ...members }] });

test.each<[string, Routing, string[]]>([
  ['nothing', RUNNING, []],
  ['nothing, as the weight in force is the initial one', withRoute({ revision: 7 }), []],
  [
    'a route that does not run',
    { ...RUNNING, routes: [] },
    [`route wod is in the file, but the edge does not run it: ${RELOAD}`],
  ],
  [
    'a route that is not in the file',
    { ...RUNNING, routes: [ROUTE, { ...ROUTE, route: 'cart' }] },
    [`route cart runs, but is not in the file: ${RELOAD}`],
  ],
  ['a path', withRoute({ path: '/w' }), [`route wod: path is "/wod" in the file, but "/w" in the edge: ${RELOAD}`]],
  [
    'a side',
    withRoute({ sides: { old: 'coach', new: 'coach' } }),
    [`route wod: old is "legacy" in the file, but "coach" in the edge: ${RELOAD}`],
  ],
  [
    'a key',
    withRoute({ key: { from: 'cookie', name: 'sid' } }),
    [`route wod: key is {"claim":"sub"} in the file, but {"cookie":"sid"} in the edge: ${RELOAD}`],
  ],
  [
    'an initial weight',
    withRoute({ initial_weight: 0, retired: false, weight: 0 }),
    [`route wod: initialWeight is 5 in the file, but 0 in the edge: ${RELOAD}`],
  ],
  [
    'the weight that an operator has set',
    withRoute({ weight: 12.5, revision: 3 }),
    [
      'route wod: initialWeight is 5 %, the store has 12.5 % (revision 3), which is in force; ' +
        'the file counts only while the store has none',
    ],
  ],
  [
    'upstreams',
    {
      ...RUNNING,
      upstreams: [
        { name: 'legacy', url: 'http://c' },
        { name: 'old', url: 'http://b' },
      ],
    },
    [
      `upstream legacy: url is "http://a" in the file, but "http://c" in the edge: ${RELOAD}`,
      `upstream coach is in the file, but the edge does not run it: ${RELOAD}`,
      `upstream old runs, but is not in the file: ${RELOAD}`,
    ],
  ],
  [
    'what belongs to no route',
    { ...RUNNING, default_upstream: 'coach', internal_paths: [] },
    [
      `defaultUpstream is "legacy" in the file, but "coach" in the edge: ${RELOAD}`,
      `internalPaths is ["/metrics"] in the file, but [] in the edge: ${RELOAD}`,
    ],
  ],
])('%s', (_, running, differences) => {
  expect(routingDifferences(FILE, running)).toEqual(differences);
});

describe('a value that a variable was filled into', () => {
  const compare = (url: string, running: string) =>
    routingDifferences(
      parseSourcedRouteFile(
        'edge.yaml',
        `upstreams: { legacy: { url: '${url}' } }\ndefaultUpstream: '\${NAME:-legacy}'\ninternalPaths: ['/\${NAME:-metrics}']`,
        { OLD_URL: 'http://a:1', HOST: 'a', PORT: '1' },
      ),
      { ...RUNNING, upstreams: [{ name: 'legacy', url: running }], routes: [] },
    );

  test.each([
    ['${OLD_URL}', 'OLD_URL'],
    ['${OLD_URL}/', 'OLD_URL'],
    ['${OLD_URL:-http://b}', 'OLD_URL'],
    ['http://${HOST}:1', 'HOST'],
    ['http://${HOST}:${PORT}', 'HOST or PORT'],
  ])('%s: the variable differs, and to reload is no help', (url, variables) => {
    expect(compare(url, 'http://b:1')).toEqual([
      `upstream legacy: url is ${url} in the file, and ${variables} differs in this shell's environment: that makes it ` +
        '"http://a:1" here; it is "http://b:1" in the edge, which has the environment of its start',
    ]);
  });

  test.each([['http://${HOST}:1'], ['http://a:${PORT}']])('%s: no variable explains the difference', (url) => {
    expect(compare(url, 'http://b:2')).toEqual([
      `upstream legacy: url is "http://a:1" in the file, but "http://b:2" in the edge: ${RELOAD}`,
    ]);
  });

  test('may be the same', () => expect(compare('${OLD_URL}', 'http://a:1')).toEqual([]));
});
