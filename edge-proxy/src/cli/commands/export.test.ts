import { sendJson } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { schemaProblems } from '@fit/test-kit/kubernetes-schema';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Routing } from '../../admin-api/schemas.ts';
import { EXIT } from '../exit-code.ts';
import type { HttpRoute } from '../http-route.ts';
import { WOD, startCannedEdge } from '../test/canned-edge.ts';
import type { Canned } from '../test/canned-edge.ts';
import { TOKEN, edgectl } from '../test/edgectl-in-test.ts';
import { until } from '../test/until.ts';

const HISTORY = { ...WOD, route: 'history', path: '/fitness/history', sides: { old: 'legacy', new: 'diary' } };

const ROUTING: Routing = {
  upstreams: [
    { name: 'legacy', url: 'http://legacy-monolith:3000' },
    { name: 'coach', url: 'http://coach-service.fit.svc:3001' },
    { name: 'diary', url: 'http://127.0.0.1:3002' },
  ],
  default_upstream: 'legacy',
  internal_paths: [],
  routes: [],
};
const WORDS = ['export', 'gateway-api'];
const WARNING = /^edgectl: whoever carries this out splits by request: .*\n$/;

function environmentOf({ url }: Recorder) {
  return { EDGE_ADMIN_URL: url, EDGE_ADMIN_TOKEN: TOKEN };
}

async function exported(canned: Canned, ...words: string[]) {
  await using edge = await startCannedEdge({ routing: ROUTING, ...canned });
  return await edgectl([...WORDS, ...words], { env: environmentOf(edge) });
}

test('it is YAML, with the Services that the upstreams name, and says on standard error what a mesh does not', async () => {
  const { code, out, err } = await exported({ routes: [WOD] });
  expect({ code, err }).toEqual({ code: EXIT.done, err: expect.stringMatching(WARNING) });
  const [made, ...more] = parseAllDocuments(out).map((document) => document.toJS() as HttpRoute);
  expect(more).toEqual([]);
  expect(await schemaProblems(made!)).toEqual([]);
  expect(made!.spec.parentRefs[0]).toMatchObject({ kind: 'Gateway', name: 'fit' });
  expect(made!.spec.rules[0]!.backendRefs).toEqual([
    { name: 'legacy-monolith', port: 3000, weight: 9000 },
    { name: 'coach-service', namespace: 'fit', port: 3001, weight: 1000 },
  ]);
});

test('as JSON it is one object, or of several routes a List', async () => {
  const words = ['--json', '--namespace', 'shop', '--hostname', '*.shop.example', '--gateway', 'infra/front'];
  const one = JSON.parse((await exported({ routes: [WOD] }, ...words)).out) as HttpRoute;
  expect(one).toMatchObject({ metadata: { name: 'wod', namespace: 'shop' }, spec: { hostnames: ['*.shop.example'] } });
  expect(one.spec.parentRefs).toMatchObject([{ name: 'front', namespace: 'infra' }]);
  const routes = [WOD, { ...WOD, route: 'again', path: '/again' }];
  const list = JSON.parse((await exported({ routes }, ...words)).out) as { kind: string; items: HttpRoute[] };
  expect(list).toMatchObject({ kind: 'List', items: [{ metadata: { name: 'wod' } }, { metadata: { name: 'again' } }] });
});

test('one route may be asked for, with Services of its own, in a mesh', async () => {
  const services = ['--new-service', 'diary:80', '--mesh-service', 'diary:8080'];
  const { out } = await exported({ routes: [WOD, HISTORY] }, '--route', 'history', '--json', ...services);
  const { metadata, spec } = JSON.parse(out) as HttpRoute;
  expect(metadata.name).toBe('history');
  expect(spec.parentRefs).toEqual([{ group: '', kind: 'Service', name: 'diary', port: 8080 }]);
  expect(spec.rules[0]!.backendRefs.map(({ name }) => name)).toEqual(['legacy-monolith', 'diary']);
});

test.each([
  [['--route', 'wood'], 'there is no route wood; routes: wod, history'],
  [['--new-service', 'diary:80'], 'whose Service is it? --route must name one of: wod, history'],
  [
    ['--route', 'history'],
    '--new-service must name the Service of diary, as its URL "http://127.0.0.1:3002" names none (route history)',
  ],
  [['--new-service', 'diary'], 'Must be [NAMESPACE/]NAME:PORT of a Service.'],
  [['--old-service', 'diary:70000'], 'Must be [NAMESPACE/]NAME:PORT of a Service.'],
  [['--gateway', 'Front'], 'Must be [NAMESPACE/]NAME of a Gateway.'],
  [['--gateway', 'front:80'], 'Must be [NAMESPACE/]NAME of a Gateway.'],
  [['--mesh-service', 'a/b/c'], 'Must be [NAMESPACE/]NAME[:PORT] of a Service.'],
  [['--mesh-service', 'a', '--gateway', 'b'], 'cannot be used with option'],
  [['--namespace', '-'], 'Must be the name of a namespace.'],
  [['--hostname', '10.0.0.1'], 'Must be a host name in lower case'],
  [['--hostname', 'shop.example:443'], 'Must be a host name in lower case'],
  [['--watch', '0'], 'Must be seconds, from 0.05 to 3600.'],
])('%j is wrong usage', async (words, message) => {
  const { code, out, err } = await exported({ routes: [WOD, HISTORY] }, ...words);
  expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
  expect(err).toContain(message);
});

/** `--watch` under way. */
function watch(edge: Recorder, ...words: string[]) {
  const ctrlC = new AbortController();
  const said = { out: '', err: '' };
  const ended = edgectl([...WORDS, '--watch', '0.05', ...words], {
    env: environmentOf(edge),
    interrupted: () => ctrlC.signal,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  return { said, ended, interrupt: () => ctrlC.abort() };
}

test('watched as JSON, each change of a route is one line; what did not change is not written again', async () => {
  const other = { ...WOD, route: 'other', path: '/other' };
  const canned: Canned = { routes: [WOD, other], routing: ROUTING };
  await using edge = await startCannedEdge(canned);
  const { said, ended, interrupt } = watch(edge, '--json');
  await until(() => said.out !== '');
  canned.routes = [{ ...WOD, weight: 25, revision: 4 }, other];
  await until(() => said.out.includes('2500'));
  canned.routes = [{ ...WOD, weight: 0, revision: 5, phase: 'legacy' }];
  await until(() => said.out.includes('"legacy"') && said.err.includes('gone'));
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  const lines = said.out.trimEnd().split('\n');
  const made = lines.map((line) => JSON.parse(line) as HttpRoute);
  expect(made.map(({ metadata, spec }) => [metadata.name, spec.rules[0]!.backendRefs[1]!.weight])).toEqual([
    ['wod', 1000],
    ['other', 1000],
    ['wod', 2500],
    ['wod', 0],
  ]);
  expect(said.err.split('\n')).toEqual([
    expect.stringContaining('splits by request'),
    'edgectl: route other is gone; its HTTPRoute is yours to delete',
    '',
  ]);
});

test('watched, a route that comes later and cannot be exported keeps no other one from being written', async () => {
  const canned: Canned = { routes: [WOD], routing: ROUTING };
  await using edge = await startCannedEdge(canned);
  const { said, ended, interrupt } = watch(edge, '--json');
  await until(() => said.out !== '');
  canned.routes = [{ ...HISTORY }, { ...WOD, weight: 25, revision: 4 }];
  await until(() => said.out.includes('2500'));
  canned.routes = [{ ...HISTORY }, { ...WOD, weight: 0, revision: 5, phase: 'legacy' }];
  await until(() => said.out.includes('"legacy"'));
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  expect(said.err.match(/left out: .*--new-service must name the Service of diary/g)).toHaveLength(1);
});

test('watched as YAML, a lost connection is told once and writes nothing; a token that is no longer good ends it', async () => {
  await using edge = await startCannedEdge({ routes: [WOD], routing: ROUTING });
  const { said, ended } = watch(edge);
  await until(() => said.out !== '');
  await edge.refuse();
  await until(() => said.err.includes('lost'));
  await edge.listenAgain();
  await until(() => said.err.includes('back'));
  edge.behave((_request, res) => {
    const problem = { type: 'unauthorized', title: 'Unauthorized', detail: 'jwt expired', instance: '/' };
    const rest = { correlation_id: 'an-id', service: 'edge-proxy', timestamp: '2026-03-01T03:00:00Z' };
    sendJson(res, { ...problem, status: 401, ...rest }, {}, 401);
  });
  expect(await ended).toMatchObject({ code: EXIT.refused });
  expect(said.out.match(/^---$/gm)).toEqual(['---']);
  expect(said.err.match(/what was written last stays in force/g)?.length).toBe(1);
});
