import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GOLDEN_HEADERS } from '@fit/contracts/golden/golden-headers.ts';
import { createLogger } from '@fit/service-kit/logger';
import { describeWith } from '@fit/test-kit/components';
import { freePort } from '@fit/test-kit/free-port';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { startEdge } from '../edge-proxy/src/app.ts';
import { run } from '../edge-proxy/src/cli/run.ts';
import { readEnv } from '../edge-proxy/src/config/env.ts';
import { NGINX_ENV } from '../nginx/src/find-nginx.ts';
import { nginxArguments } from '../nginx/src/nginx-process.ts';
import { nginxWithNjs } from '../nginx/test/nginx-component.ts';
import { startNginxUnderTest, wodPlan } from '../nginx/test/nginx-under-test.ts';

/** One user, one side, at every tier: a real Nginx that splits by itself, and the edge, before the same two servers. */
const USERS = 10_000;
/** Fewer than Nginx answers on one connection, 1,000. */
const USERS_PER_CONNECTION = 625;
const BATCH = 8;
const WEIGHTS = [0, 0.01, 10, 33.33, 50, 99.99, 100];
const ROUTES = [
  { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', key: { claim: 'sub' } },
  { name: 'prices', path: '/a.b/prices', old: 'legacy', new: 'coach', key: { header: 'X-Tenant' } },
  { name: 'shop-cart', path: '/cart', old: 'legacy', new: 'coach', key: { cookie: 'sid' } },
];

const bearer = (payload: object) => `Bearer e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;
const idOf = (user: number) =>
  [
    `${user}`,
    `user-${user}@fit.example`,
    `3f2504e0-4f89-41d3-9a0c-${String(user).padStart(12, '0')}`,
    `Zoë-${user}-🏋️`,
  ][user % 4]!;

await describeWith(nginxWithNjs, 'the same user is on the same side at every tier', () => {
  let tiers: Awaited<ReturnType<typeof startBothTiers>>;
  beforeAll(async () => (tiers = await startBothTiers()), 30_000);
  afterAll(async () => await tiers?.close());

  test.each(WEIGHTS)(
    `${USERS} users at %d %%`,
    async (weight) => {
      await tiers.setWeight('wod', weight);
      const users = Array.from({ length: USERS }, (_, user) => bearer({ sub: idOf(user) }));
      const { edge, nginx } = await tiers.sidesOf('/fitness/wod', users);
      expect(users.filter((_, user) => edge[user] !== nginx[user])).toEqual([]);
      const share = edge.filter((side) => side === 'coach').length / USERS;
      const sigma = Math.sqrt(((weight / 100) * (1 - weight / 100)) / USERS);
      expect(Math.abs(share - weight / 100)).toBeLessThanOrEqual(4 * sigma);
    },
    120_000,
  );

  describe('whatever they send', () => {
    beforeAll(async () => {
      for (const { name } of ROUTES) await tiers.setWeight(name, 50);
    });

    test('the golden Authorization headers', async () => {
      for (const { shows, authorization } of GOLDEN_HEADERS) {
        const { edge, nginx } = await tiers.answersTo(
          '/fitness/wod',
          authorization.flatMap((value) => ['authorization', value]),
        );
        expect({ shows, ...edge }).toEqual({ shows, ...nginx });
      }
    });

    test.each([
      ['a header', '/a.b/prices', (user: number) => ['X-Tenant', ` tenant ${user}\t`]],
      ['a header sent twice', '/a.b/prices', (user: number) => ['x-tenant', `${user}`, 'X-TENANT', 'acme']],
      ['a header beyond ASCII', '/a.b/prices', (user: number) => ['x-tenant', `caf\u00e9 ${user}`]],
      [
        'a header that Connection names',
        '/a.b/prices',
        (user: number) => ['x-tenant', `${user}`, 'connection', 'x-tenant'],
      ],
      ['a cookie', '/cart', (user: number) => ['cookie', `theme=dark; sid=s-${user}; sid=other`]],
      ['a cookie in the second header', '/cart', (user: number) => ['cookie', 'theme=dark', 'cookie', `sid=s-${user}`]],
      ['an odd cookie', '/cart', (user: number) => ['cookie', `;=; sid ; sid = "${user}" `]],
      ['nothing', '/cart', () => []],
      ['a query', '/cart?sid=7', (user: number) => ['cookie', `sid=${user}`]],
      ['a path that only looks like the route', '/aXb/prices', (user: number) => ['x-tenant', `${user}`]],
      ['a path in another spelling', '/%63art', (user: number) => ['cookie', `sid=${user}`]],
      ['a path with a slash more', '//cart', (user: number) => ['cookie', `sid=${user}`]],
    ] as const)('%s', async (_, path, headersOf) => {
      for (let user = 0; user < 40; user++) {
        const { edge, nginx } = await tiers.answersTo(path, [...headersOf(user)]);
        expect(edge).toEqual(nginx);
      }
    });
  });
});

async function startBothTiers() {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'same-side-'));
  started.defer(() => rmSync(folder, { recursive: true }));
  const upstreams = await startUpstreams(folder);
  started.defer(upstreams.close);
  const tokens = createTokenIssuer();
  const keys = started.use(await startRecorder((_request, res) => sendJson(res, tokens.jwks)));
  const edge = await startEdge(readEnv(edgeEnv(folder, { ...upstreams.urls, keys: keys.url })), {
    logger: createLogger('edge-proxy', 'silent'),
  });
  started.defer(() => edge.close());
  const nginx = started.use(await startNginxUnderTest('direct', wodPlan(0, upstreams.urls)));

  const operator = {
    EDGE_ADMIN_URL: edge.adminUrl,
    EDGE_ADMIN_TOKEN: tokens.issue({ aud: 'edge-admin', roles: ['operator'] }),
  };
  const edgectl = async (...argv: string[]) => {
    let said = '';
    const code = await run(argv, { out: () => undefined, err: (text) => (said += text), env: operator, colour: false });
    if (code !== 0) throw new Error(said);
  };
  const open = started.move();
  return {
    setWeight: async (route: string, weight: number) => {
      await edgectl('weight', route, String(weight), '--reason', 'test', '--yes');
      await edgectl('nginx', 'apply', '--topology', 'direct', '--folder', nginx.folder);
    },
    sidesOf: async (path: string, users: readonly string[]) => ({
      edge: await sides(edge.url, path, users),
      nginx: await sides(nginx.url, path, users),
    }),
    answersTo: async (path: string, headers: readonly string[]) => ({
      edge: await answerTo(edge.url, path, headers),
      nginx: await answerTo(nginx.url, path, headers),
    }),
    close: () => open.disposeAsync(),
  };
}

function edgeEnv(folder: string, urls: { legacy: string; coach: string; keys: string }) {
  const file = join(folder, 'edge.json');
  const upstreams = { legacy: { url: urls.legacy }, coach: { url: urls.coach } };
  writeFileSync(file, JSON.stringify({ upstreams, defaultUpstream: 'legacy', routes: ROUTES }));
  return {
    PORT: '0',
    ADMIN_PORT: '0',
    DATA_DIR: join(folder, 'edge'),
    EDGE_CONFIG: file,
    JWKS_URL: `${urls.keys}/jwks.json`,
  };
}

/** Two servers that say who they are, from one Nginx, as they have much to answer. */
async function startUpstreams(folder: string) {
  const ports = { legacy: await freePort(), coach: await freePort() };
  const servers = Object.entries(ports).map(
    ([name, port]) => `server { listen 127.0.0.1:${port}; location / { add_header x-served-by ${name}; return 204; } }`,
  );
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder};`);
  writeFileSync(
    join(folder, 'upstreams.conf'),
    `worker_processes 1; pid ${folder}/upstreams.pid;
     events { worker_connections 1024; }
     http { access_log off; keepalive_requests 1000000; large_client_header_buffers 4 16k; ${temp.join(' ')} ${servers.join('\n')} }`,
  );
  const child = spawn('nginx', nginxArguments(folder, 'upstreams.conf', 'daemon off;'), {
    env: NGINX_ENV,
    stdio: 'ignore',
  });
  const urls = { legacy: `http://127.0.0.1:${ports.legacy}`, coach: `http://127.0.0.1:${ports.coach}` };
  const close = async () => {
    child.kill('SIGQUIT');
    await once(child, 'exit');
  };
  while (
    !(await fetch(urls.coach).then(
      () => true,
      () => false,
    ))
  );
  return { urls, close };
}

/** The side of each user, by what they show as `Authorization`. */
async function sides(url: string, path: string, users: readonly string[]): Promise<string[]> {
  const parts = Array.from({ length: Math.ceil(users.length / USERS_PER_CONNECTION) }, (_, part) =>
    users.slice(part * USERS_PER_CONNECTION, (part + 1) * USERS_PER_CONNECTION),
  );
  return (await Promise.all(parts.map((part) => sidesByOneConnection(url, path, part)))).flat();
}

/** Asks in batches that are one write each, and so costs next to nothing beside the servers. */
async function sidesByOneConnection(url: string, path: string, users: readonly string[]): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) }).setEncoding('latin1');
  const ask = (batch: readonly string[]) =>
    socket.write(batch.map((user) => `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: ${user}\r\n\r\n`).join(''));
  const answered: string[] = [];
  let unread = '';
  ask(users.slice(0, BATCH));
  for await (const text of socket as AsyncIterable<string>) {
    const heads = (unread + text).split('\r\n\r\n');
    unread = heads.pop()!;
    answered.push(...heads.map(servedByIn));
    if (answered.length === users.length) return answered;
    if (heads.length > 0 && answered.length % BATCH === 0) ask(users.slice(answered.length, answered.length + BATCH));
  }
  throw new Error(`${url} closed a connection after ${answered.length} of ${users.length} answers`);
}

function servedByIn(head: string): string {
  const side = /^HTTP\/1\.1 204 [^]*\r\nx-served-by: (legacy|coach)(\r|$)/i.exec(head)?.[1];
  if (side === undefined) throw new Error(`no answer of a side: ${head}`);
  return side;
}

/** One request whose headers are sent exactly so. */
async function answerTo(url: string, path: string, headers: readonly string[]) {
  const { hostname, port } = new URL(url);
  const asked = plainRequest({ hostname, port, path, agent: false, headers: ['host', 'localhost', ...headers] }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode, servedBy: answer.headers['x-served-by'] };
}
