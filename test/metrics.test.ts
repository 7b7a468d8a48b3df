import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@fit/service-kit/logger';
import { testWith } from '@fit/test-kit/components';
import { PROMTOOL } from '@fit/test-kit/prometheus';
import { startCoach } from '../coach-service/src/app.ts';
import { coachConfigFrom } from '../coach-service/src/config/env.ts';
import { startEdge } from '../edge-proxy/src/app.ts';
import { readEnv } from '../edge-proxy/src/config/env.ts';
import { pglite } from '../legacy-monolith/test/support/databases.ts';
import { useMonolith } from '../legacy-monolith/test/support/monolith.ts';
import { flood, oddRequests, requestsOfEachKind } from './odd-requests.ts';
import { documentedMetrics, scrape } from './scrape.ts';
import type { Scrape } from './scrape.ts';

/** What every process publishes stays bounded whatever it is asked, and is written down. */
const promtool = { name: PROMTOOL.name, finding: await PROMTOOL.find() };
const logger = createLogger('test', 'silent');
const documented = documentedMetrics(readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8'));
const monolith = useMonolith(pglite);
const started = new AsyncDisposableStack();
let edge: { url: string; adminUrl: string };
let coach: { url: string };
const cameThroughTheEdge = { paths: new Set<string>(), users: new Set<string>() };

beforeAll(async () => {
  coach = await startedCoach(monolith().url);
  edge = await startedEdge(await startUpstream());
});
afterAll(async () => await started.disposeAsync());

async function startedCoach(legacyUrl: string) {
  const config = coachConfigFrom({ PORT: '0', LEGACY_URL: legacyUrl });
  const running = await startCoach(config, { logger });
  started.defer(running.close);
  await running.ready;
  return running;
}

/** Whatever status it is asked for, it answers, and notes who came for what. */
async function startUpstream(): Promise<string> {
  const upstream = createServer((req, res) => {
    cameThroughTheEdge.paths.add(req.url!.split('?')[0]!);
    cameThroughTheEdge.users.add(req.headers.authorization!);
    const status = Number(req.headers['x-answer'] ?? 200);
    res.writeHead(status, 'As asked', { 'content-length': '0' }).end();
    req.resume();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  started.defer(() => void upstream.close());
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
}

async function startedEdge(upstreamUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  started.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'edge.config.json');
  const upstream = { url: upstreamUrl };
  const route = { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 50 };
  const routes = { upstreams: { legacy: upstream, coach: upstream }, defaultUpstream: 'legacy', routes: [route] };
  writeFileSync(file, JSON.stringify(routes));
  const own = { PORT: '0', ADMIN_PORT: '0', DATA_DIR: join(folder, 'data'), DRAIN_DELAY_MS: '0' };
  const env = readEnv({ ...own, EDGE_CONFIG: file, JWKS_URL: 'http://127.0.0.1:9/jwks.json' });
  const running = await startEdge(env, { logger });
  started.defer(running.close);
  return running;
}

/** What an edge knows only once it has judged those who came. */
const JUDGED = ['edge_gate_verdict{', 'edge_route_share_ratio{'];

type Asked = {
  service: string;
  url: () => string;
  scraped: () => string;
  rounds: number;
  paths: readonly string[];
  /** Series that come a moment after the requests. */
  awaited?: readonly string[];
};

const SERVICES: readonly Asked[] = [
  {
    service: 'edge',
    url: () => edge.url,
    scraped: () => edge.adminUrl,
    rounds: 1,
    awaited: JUDGED,
    // All but the first are the edge's own to answer.
    paths: ['/fitness/wod', '/metrics', '//metrics', '/%6detrics'],
  },
  { service: 'edge', url: () => edge.url, scraped: () => edge.adminUrl, rounds: 38, paths: ['/*/*'] },
  { service: 'edge', url: () => edge.adminUrl, scraped: () => edge.adminUrl, rounds: 1, paths: ['/*', '/admin/v1/*'] },
  { service: 'coach', url: () => coach.url, scraped: () => coach.url, rounds: 2, paths: ['/fitness/wod', '/*'] },
  {
    service: 'monolith',
    url: () => monolith().url,
    scraped: () => monolith().url,
    rounds: 1,
    paths: ['/fitness/wod', '/fitness/history', '/exercises/*', '/*'],
  },
];

/** Node's own kinds of handles and of collections of garbage come when there is one. */
const ofUs = ({ series }: Scrape) => new Set([...series].filter((each) => !/^(nodejs|process)_/.test(each)));

/** Their hashes lie at 4 and at 67 % of the route. */
const ONE_OF_EACH_SIDE = ['ada', 'dan'];

async function scrapeOnceThere(url: string, awaited: readonly string[]): Promise<Scrape> {
  // Of itself a scrape counts when it is over.
  await scrape(url);
  for (;;) {
    const found = await scrape(url);
    if (awaited.every((name) => [...found.series].some((each) => each.startsWith(name)))) return found;
    await delay(20);
  }
}

test.each(SERVICES)(
  '$service, asked for $paths, has no series but those of each kind of request',
  async (asked) => {
    const { url, scraped, rounds, paths, awaited = [] } = asked;
    await flood(url(), requestsOfEachKind(paths, ONE_OF_EACH_SIDE));
    const before = ofUs(await scrapeOnceThere(scraped(), awaited));
    const many = oddRequests(paths, rounds);
    expect(await flood(url(), many)).toBe(many.length);
    expect([...ofUs(await scrape(scraped())).difference(before)]).toEqual([]);
  },
  60_000,
);

test('the edge passed on ten thousand paths, and the requests of as many users', () => {
  expect(cameThroughTheEdge.paths.size).toBeGreaterThan(10_000);
  expect(cameThroughTheEdge.users.size).toBeGreaterThan(10_000);
});

describe.each([
  ['edge', () => edge.adminUrl],
  ['coach', () => coach.url],
  ['monolith', () => monolith().url],
])('what the %s publishes', (service, url) => {
  let found: Scrape;
  beforeAll(async () => (found = await scrape(url())));

  test('is in the table of docs/metrics.md, with its type and its labels', () => {
    const rows = documented.filter(
      ({ services }) => services === 'every process' || services.split(', ').includes(service),
    );
    const published = [...found.types].map(([name, type]) => ({ name, type, labels: found.labelsOf(name) }));
    const expected = published.map(({ name, labels }) => {
      const row = rows.find((each) => each.name === name);
      return { name, type: row?.type, labels: labels && row?.labels };
    });
    expect(published).toEqual(expected);
  });

  test('is all that the table says of it', () => {
    const rows = documented.filter(
      ({ services, says }) => services.split(', ').includes(service) && !says.includes('only'),
    );
    expect(rows.map(({ name }) => name).filter((name) => !found.types.has(name))).toEqual([]);
    expect(new Set(documented.map(({ name }) => name)).size).toBe(documented.length);
  });

  testWith(promtool, 'is clean for promtool', async (run) => {
    expect(run(['check', 'metrics'], found.text)).toEqual({ exitCode: 0, said: '' });
  });
});
