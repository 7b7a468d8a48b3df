import { expect, test } from '@jest/globals';
import type { Routing } from '../admin-api/schemas.ts';
import { parseRouteFile } from '../config/route-file.ts';
import { routingDifferences } from './routing-differences.ts';

const FILE = parseRouteFile(
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
    withRoute({ initial_weight: 0, weight: 0 }),
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
