import { expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import type { ReplicaList } from '../admin-api/schemas.ts';
import type { Io } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { STORE, WOD, startCannedEdge } from './test/canned-edge.ts';
import type { Canned } from './test/canned-edge.ts';
import { TOKEN, edgectl } from './test/edgectl-in-test.ts';
import { until } from './test/until.ts';

const HISTORY = { ...WOD, route: 'history', path: '/fitness/history' };

/** `status --watch` under way; `looked` resolves after so many more looks of it. */
function watch(edge: Recorder, { argv = [], ...io }: Partial<Io> & { argv?: string[] } = {}) {
  const ctrlC = new AbortController();
  const said = { out: '', err: '' };
  const ended = edgectl(['status', '--watch', '0.05', ...argv], {
    env: { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN },
    interrupted: () => ctrlC.signal,
    ...io,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  const looked = async (times: number) => {
    const arrivals = ASKED.map(async (path) => await edge.arrived(path, edge.requestsTo(path).length + times));
    await Promise.all(arrivals);
  };
  return { said, ended, looked, interrupt: () => ctrlC.abort() };
}

const UNAUTHORIZED = {
  type: 'unauthorized',
  title: 'Unauthorized',
  status: 401,
  detail: 'jwt expired',
  instance: '/admin/v1/routes',
  correlation_id: 'an-id',
  service: 'edge-proxy',
  timestamp: '2026-03-01T03:00:00Z',
};

/** What one look asks for. */
const ASKED = ['/admin/v1/routes', '/admin/v1/replicas'];

test('piped, each change is one more line, with its time; Ctrl-C ends it with 0', async () => {
  const canned: Canned = { routes: [WOD, HISTORY] };
  await using edge = await startCannedEdge(canned);
  const { said, ended, looked, interrupt } = watch(edge);
  await looked(3);
  canned.routes = [{ ...WOD, weight: 25, revision: 4 }, HISTORY];
  await until(() => said.out.includes('25 %'));
  await looked(2);
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  const lines = said.out.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/)[1])).toEqual(['ROUTE', 'wod', 'history', 'wod']);
  expect(lines[3]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}wod .* 25 % .* 4 .* first step$/);
  expect(said.err).toBe('');
});

test('as JSON, each change is one line of JSON', async () => {
  const canned: Canned = { routes: [WOD] };
  await using edge = await startCannedEdge(canned);
  const { said, ended, interrupt } = watch(edge, { argv: ['--json'], columns: () => 80 });
  await until(() => said.out !== '');
  canned.routes = [{ ...WOD, weight: 25 }];
  await until(() => said.out.includes('"weight":25'));
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  expect(
    said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([WOD, { ...WOD, weight: 25 }]);
});

test('a lost connection is told once, and so is its return', async () => {
  await using edge = await startCannedEdge({ routes: [WOD] });
  const { said, ended, looked, interrupt } = watch(edge);
  await looked(1);
  await edge.refuse();
  await until(() => said.err !== '');
  await edge.listenAgain();
  await until(() => said.err.includes('back'));
  await looked(2);
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  expect(said.err).toMatch(
    /^edgectl: connection lost: http:\/\/127\.0\.0\.1:\d+ cannot be reached: \w+\nedgectl: the connection is back\n$/,
  );
  expect(said.out.trimEnd().split('\n').length).toBe(2);
});

test('on a terminal it is drawn in place; a lost connection stands above what was seen last', async () => {
  await using edge = await startCannedEdge({ routes: [WOD] });
  const { said, ended, looked, interrupt } = watch(edge, { columns: () => 80 });
  await looked(3);
  await edge.refuse();
  await until(() => said.out.includes('CONNECTION LOST'));
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
  const [before, ...drawn] = said.out.split('\u001b[H');
  expect(before).toBe('\u001b[2J');
  expect(drawn.length).toBeGreaterThanOrEqual(4);
  for (const screen of drawn) {
    expect(screen).toContain('10 %');
    expect(screen.endsWith('\u001b[J')).toBe(true);
  }
  expect(drawn.at(-1)).toMatch(/^CONNECTION LOST, .*\n.*ROUTE/s);
  expect(said.err).toBe('');
});

const DOWN: ReplicaList = { store: { ...STORE, state: 'down' }, replicas: [] };
const TROUBLE = 'The redis store has been OUT OF REACH since 2026-03-01 02:00:00Z: nothing but a rollback is possible';

test('piped, a store that is out of reach is told once, and so is its return', async () => {
  const canned: Canned = { routes: [WOD] };
  await using edge = await startCannedEdge(canned);
  const { said, ended, looked, interrupt } = watch(edge);
  await looked(1);
  canned.replicas = DOWN;
  await until(() => said.err !== '');
  await looked(2);
  delete canned.replicas;
  await until(() => said.err.includes('back'));
  await looked(2);
  interrupt();
  await ended;
  expect(said.err).toBe(`edgectl: ${TROUBLE}\nedgectl: the redis store is back\n`);
  expect(said.out.trimEnd().split('\n').length).toBe(2);
});

test('on a terminal a store that is out of reach stands above the routes', async () => {
  await using edge = await startCannedEdge({ routes: [WOD], replicas: DOWN });
  const { said, ended, looked, interrupt } = watch(edge, { columns: () => 120 });
  await looked(2);
  interrupt();
  await ended;
  expect(said.out).toMatch(/Ctrl-C ends\.\S*\n\S*\nThe redis store has been OUT OF REACH since .*\n\S*\nROUTE/);
});

test('on a terminal that is too low the first lines are shown, and nothing scrolls', async () => {
  await using edge = await startCannedEdge({ routes: [WOD, HISTORY] });
  const { said, ended, looked, interrupt } = watch(edge, { columns: () => 80, rows: () => 5 });
  await looked(2);
  interrupt();
  await ended;
  for (const screen of said.out.split('\u001b[H').slice(1)) expect(screen.split('\n').length).toBe(5);
});

test('a first look that fails ends it, and so does a token that is no longer good', async () => {
  await using edge = await startCannedEdge({ routes: [WOD] });
  const { ended, looked } = watch(edge);
  await looked(1);
  edge.behave((_request, res) => {
    sendJson(res, UNAUTHORIZED, {}, 401);
  });
  expect(await ended).toMatchObject({ code: EXIT.refused });
  await edge.refuse();
  expect((await watch(edge).ended).code).toBe(EXIT.unreachable);
});

test('Ctrl-C ends it while no answer comes', async () => {
  await using edge = await startCannedEdge({ routes: [WOD] });
  const { ended, looked, interrupt } = watch(edge);
  await looked(1);
  edge.behave(() => undefined);
  await looked(1);
  interrupt();
  expect((await ended).code).toBe(EXIT.done);
});
