import { expect, test } from '@jest/globals';
import { RouteFileError, loadRouteFile, parseRouteFile } from './route-file.ts';

/** The whole message for a file in which `good` is replaced. */
function messageFor(good: string | RegExp, bad: string): string {
  return messageOf(GOOD.replace(good, bad));
}

function messageOf(text: string): string {
  try {
    parseRouteFile('edge.yaml', text, {});
  } catch (error) {
    if (error instanceof RouteFileError) return error.message.replace('edge.yaml cannot be used:\n', '');
    throw error;
  }
  return '';
}

const GOOD = `upstreams:
  legacy: &server
    url: http://127.0.0.1:3000
    breaker: { openMs: 1000 }
  coach: *server
defaultUpstream: legacy
routes:
  - name: wod
    path: /wod
    old: legacy
    new: coach
    key: { claim: sub }
    initialWeight: 5
`;

test('a file without a problem has none', () => {
  expect(messageOf(GOOD)).toBe('');
});

test.each([
  [
    'a value',
    '/wod',
    'wod',
    '9:11: routes.0.path: must start with / and have no query, fragment or space, received "wod"',
    'Exact and case-sensitive, without a query. For example: /cart',
  ],
  [
    'a value within braces',
    'openMs: 1000',
    'openMs: 1s',
    '4:24: upstreams.legacy.breaker.openMs: must be a whole number from 1 to 600000, received "1s"',
    'Milliseconds. Until probes are let through; twice as long after each that fails. Default: 1000.',
  ],
  [
    'a number below a range that has no end',
    'key: { claim: sub }',
    'compare: { tolerance: { body.weight: -1 } }',
    '12:42: routes.0.compare.tolerance.body.weight: must be a number from 0, received -1',
    undefined,
  ],
  [
    'a number out of range',
    'initialWeight: 5',
    'initialWeight: 100.5',
    '13:20: routes.0.initialWeight: must be a number from 0 to 100, received 100.5',
    "Percent, in steps of 0.01. The new side's share of users while the store has no state for the route. Default: 0.",
  ],
  [
    'fields that do not fit each other',
    'openMs: 1000',
    'openMs: 9000, maxOpenMs: 8000',
    '4:41: upstreams.legacy.breaker.maxOpenMs: must not be less than openMs, received 8000',
    'Milliseconds. The longest time until probes are let through; at least openMs. Default: 5000.',
  ],
  [
    'a field that does not fit the default of another: where those beside it begin',
    'openMs: 1000',
    'openMs: 9000',
    '4:14: upstreams.legacy.breaker.maxOpenMs: must not be less than openMs',
    'Milliseconds. The longest time until probes are let through; at least openMs. Default: 5000.',
  ],
  [
    'a ramp that nothing judges',
    'initialWeight: 5',
    'ramp: { steps: 100 %, judgedBy: custom-gates }',
    '13:37: routes.0.ramp.judgedBy: needs at least one gate in gates.custom, received "custom-gates"',
    'By whom. custom-gates: by these alone, of which there must be one; for where no request passes the edge. Default: people.',
  ],
  [
    'both sides the same',
    'new: coach',
    'new: legacy',
    '11:10: routes.0.new: must differ from old, received "legacy"',
    'The upstream that users move to; must differ from old. For example: legacy',
  ],
  [
    'a missing field: where those beside it begin',
    '    old: legacy\n',
    '',
    '8:5: routes.0.old: is missing',
    'The upstream that users come from. For example: legacy',
  ],
  [
    'a field without a value: at its name',
    'defaultUpstream: legacy',
    'defaultUpstream:',
    '6:1: defaultUpstream: must be text, received null',
    'The upstream that serves everything that no route takes. For example: legacy',
  ],
  [
    'an unknown field that is nearly a known one',
    'initialWeight',
    'initial-wieght',
    '13:5: routes.0.initial-wieght: is not a known field',
    'Did you mean initialWeight?',
  ],
  [
    'an unknown field like no other',
    'breaker',
    'colour',
    '4:5: upstreams.legacy.colour: is not a known field',
    'Known: url, firstByteTimeoutMs, bodyIdleTimeoutMs, connectTimeoutMs, keepAliveTimeoutMs, maxInFlight, breaker',
  ],
  [
    'an upstream that is not there',
    'new: coach',
    'new: couch',
    '11:10: routes.0.new: must name an upstream, received "couch"',
    'Did you mean coach?',
  ],
  [
    'an upstream like no other',
    'new: coach',
    'new: elsewhere',
    '11:10: routes.0.new: must name an upstream, received "elsewhere"',
    'Known: legacy, coach',
  ],
  [
    'a key that is none',
    '{ claim: sub }',
    'sub',
    '12:10: routes.0.key: must be one of claim, header or cookie, with its name, received "sub"',
    'What decides the side of a user: a claim of the bearer token, a header or a cookie. Default: { claim: sub }. ' +
      'For example: { claim: sub } or { header: X-Tenant } or { cookie: session }',
  ],
  [
    'a variable that is not set',
    'http://127.0.0.1:3000',
    'http://${HOST}:80',
    '3:10: upstreams.legacy.url: ${HOST} is not set in the environment',
    'Set HOST, or write what counts without it: ${HOST:-TEXT}',
  ],
])('%s', (_, good, bad, problem, advice) => {
  const [first] = messageFor(good, bad).split('\n  - ');
  expect(first).toBe(`  - edge.yaml:${problem}${advice === undefined ? '' : `\n    ${advice}`}`);
});

test.each([
  [
    'a name that no upstream may have',
    '  coach:',
    '  Coach:',
    '5:3: upstreams.Coach: must be 1 to 63 lower-case letters',
  ],
  ['the same field twice', 'routes:', 'upstreams: {}\nroutes:', '7:1: Map keys must be unique'],
  ['a tab', '    path', '\tpath', '9:1: '],
  ['brackets that stay open', '{ claim: sub }', '{ claim: sub', '13:5: Flow map '],
  ['an alias of nothing', '*server', '*servers', ' cannot be written out: '],
])('%s', (_, good, bad, problem) => {
  expect(messageFor(good, bad).split('\n  - ')[0]).toContain(`  - edge.yaml:${problem}`);
});

test.each([
  ['', 'edge.yaml:1:1: must be a map of fields, received null'],
  ['- a', 'edge.yaml:1:1: must be a map of fields, received ["a"]'],
  ['\n\n[[[', 'edge.yaml:3:'],
])('a file that is %j', (text, problem) => {
  expect(messageOf(text)).toContain(problem);
});

test('a file that is not there', () => {
  expect(() => loadRouteFile('/nowhere/edge.yaml', {})).toThrow(
    /\n {2}- \/nowhere\/edge\.yaml: cannot be read: ENOENT/,
  );
});

test('a long value is shown by its beginning', () => {
  expect(messageFor('/wod', 'x'.repeat(5000)).length).toBeLessThan(500);
});
