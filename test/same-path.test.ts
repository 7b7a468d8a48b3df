import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@fit/service-kit/logger';
import { describeWith } from '@fit/test-kit/components';
import { startCoachRig } from '../coach-service/test/coach-rig.ts';
import { startEdge } from '../edge-proxy/src/app.ts';
import { readEnv } from '../edge-proxy/src/config/env.ts';
import { startMonolith } from '../legacy-monolith/src/app.ts';
import { pglite } from '../legacy-monolith/test/support/databases.ts';
import { TEST_CONFIG, silent } from '../legacy-monolith/test/support/monolith.ts';
import { nginxWithNjs } from '../nginx/test/nginx-component.ts';
import { startNginxUnderTest, wodPlan } from '../nginx/test/nginx-under-test.ts';
import { METRICS, NOT_METRICS, REFUSED_OR_THE_WORKOUT, SOMETHING_ELSE, THE_WORKOUT } from './path-spellings.ts';

/** One path, one verdict: what counts as the workout at one tier, or as internal, counts as that at every other. */
const REFUSALS = [400, 405, 414, 431];

await describeWith(nginxWithNjs, 'a path is the same at every tier', () => {
  let tiers: Awaited<ReturnType<typeof startTiers>>;
  beforeAll(async () => (tiers = await startTiers()), 60_000);
  afterAll(async () => await tiers?.close());

  const verdictsOn = async (target: string) => ({
    'nginx, direct': await verdictBefore(tiers.direct, target),
    'nginx, edge': await verdictBefore(tiers.balancing, target),
    edge: await verdictBefore(tiers.edge, target),
    monolith: verdictOf(await statusOf(tiers.monolith, target), 401),
    coach: verdictOf(await statusOf(tiers.coach, target), 401),
  });

  test.each(THE_WORKOUT.map(printable))('the workout: %s', async (_, target) => {
    expect(new Set(Object.values(await verdictsOn(target)))).toEqual(new Set(['the workout']));
  });

  test.each([
    ...SOMETHING_ELSE.map((target) => ['something else', ...printable(target)] as const),
    ...REFUSED_OR_THE_WORKOUT.map((target) => ['the workout', ...printable(target)] as const),
  ])('%s, or refused: %s', async (expected, _, target) => {
    const verdicts = await verdictsOn(target);
    const wrong = Object.entries(verdicts).filter(([, verdict]) => verdict !== expected && verdict !== 'refused');
    expect(wrong).toEqual([]);
  });

  describe.each(['direct', 'balancing', 'edge'] as const)('what is internal never passes: %s', (name) => {
    test.each(METRICS.map(printable))('%s', async (_, target) => {
      const { status, passed } = await ask(tiers[name], target);
      expect({ passed, isRefused: status === 404 || status === 400 }).toEqual({ passed: [], isRefused: true });
      if (!target.includes('#') && !target.includes('\xa0') && !target.startsWith('/..')) expect(status).toBe(404);
    });

    test.each(NOT_METRICS)('but %s does', async (target) => {
      const { passed } = await ask(tiers[name], target);
      expect(passed.map((each) => each.target)).toEqual([target]);
    });
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s has its target passed unchanged',
    async (method) => {
      for (const front of [tiers.direct, tiers.balancing, tiers.edge]) {
        for (const target of ['/fitness/wod?a=b', '//fitness/%77od/../%2f?x#'.slice(0, -1), '/FITNESS//./wod/']) {
          const { passed } = await ask(front, target, method);
          expect(passed.map((each) => each.target)).toEqual([target]);
        }
      }
    },
  );
});

/** A tier before others: where it listens, and those behind it. */
type Front = { url: string; behind: LenientServer[] };

/** By what the tier passes on, which must be what was sent. */
async function verdictBefore(front: Front, target: string): Promise<string> {
  const { status, passed } = await ask(front, target);
  if (passed.length === 0) return verdictOf(status, undefined);
  const [{ server, target: seen }] = passed as [Passed];
  const sent = target.replace(/^\w+:\/\/[^/?#]*\/?/, '/');
  if (passed.length > 1 || seen !== sent) return `passed ${passed.length} times as ${seen}`;
  if (server === 'edge') return /^\/fitness\/wod(?:\?|$)/.test(seen) ? 'the workout' : 'something else';
  return server === 'coach' ? 'the workout' : 'something else';
}

function verdictOf(status: number, ofTheWorkout: number | undefined): string {
  if (status === ofTheWorkout) return 'the workout';
  if (status === 404) return 'something else';
  return REFUSALS.includes(status) ? 'refused' : `answered ${status}`;
}

type Passed = { server: string; target: string };

async function ask({ url, behind }: Front, target: string, method = 'GET') {
  for (const server of behind) server.targets.length = 0;
  const status = await statusOf(url, target, method);
  const passed = behind.flatMap(({ name, targets }) => targets.map((each): Passed => ({ server: name, target: each })));
  return { status, passed };
}

/** The status that a target gets, sent as it is; 0 if the connection ends without one. */
async function statusOf(url: string, target: string, method = 'GET'): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const length = method.startsWith('P') ? 'Content-Length: 0\r\n' : '';
  socket.write(`${method} ${target} HTTP/1.1\r\nHost: fit.example\r\n${length}Connection: close\r\n\r\n`, 'latin1');
  let received = '';
  for await (const chunk of socket) received += (chunk as Buffer).toString('latin1');
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0);
}

/** A server that takes any bytes for a target. */
type LenientServer = AsyncDisposable & { name: string; url: string; targets: string[] };

async function startLenientServer(name: string): Promise<LenientServer> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
        targets.push(/^\S+ (.*) HTTP\/1\.1\r\n/s.exec(head)?.[1] ?? head);
        head = head.slice(end + 4);
        socket.write(`HTTP/1.1 204 No Content\r\nX-Served-By: ${name}\r\n\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    name,
    targets,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: close,
  };
}

/** The four tiers, each alone, with everybody on the new side. */
async function startTiers() {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'same-path-'));
  started.defer(() => rmSync(folder, { recursive: true }));
  const [legacy, coach, edge] = (await Promise.all(
    ['legacy', 'coach', 'edge'].map(async (name) => started.use(await startLenientServer(name))),
  )) as [LenientServer, LenientServer, LenientServer];
  const plan = wodPlan(100, { legacy: legacy.url, coach: coach.url });
  const direct = started.use(await startNginxUnderTest('direct', plan));
  const balancing = started.use(await startNginxUnderTest('edge', plan, { edges: [new URL(edge.url).host] }));

  const file = join(folder, 'edge.json');
  const route = { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 100 };
  const upstreams = { legacy: { url: legacy.url }, coach: { url: coach.url } };
  writeFileSync(file, JSON.stringify({ upstreams, defaultUpstream: 'legacy', routes: [route] }));
  const edgeEnv = {
    PORT: '0',
    ADMIN_PORT: '0',
    DATA_DIR: join(folder, 'edge'),
    EDGE_CONFIG: file,
    JWKS_URL: 'http://127.0.0.1:1/',
  };
  const realEdge = await startEdge(readEnv(edgeEnv), { logger: createLogger('edge-proxy', 'silent') });
  started.defer(() => realEdge.close());

  const database = await pglite.create();
  started.defer(() => database.drop());
  const realMonolith = await startMonolith({ ...TEST_CONFIG, database: database.config }, { logger: silent });
  started.defer(() => realMonolith.close());
  const rig = started.use(await startCoachRig());
  const open = started.move();
  return {
    direct: { url: direct.url, behind: [legacy, coach] },
    balancing: { url: balancing.url, behind: [edge, legacy] },
    edge: { url: realEdge.url, behind: [legacy, coach] },
    monolith: realMonolith.url,
    coach: rig.coach.url,
    close: () => open.disposeAsync(),
  };
}

/** A title that a person can read, and the target. */
function printable(target: string): [string, string] {
  const text = JSON.stringify(target.length > 80 ? `${target.slice(0, 30)}… (${target.length})` : target);
  return [text.slice(1, -1).replace(/[\x7f-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`), target];
}
