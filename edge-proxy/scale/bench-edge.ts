import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageFrom, startHelper, stopChild } from '../bench/children.ts';
import { makeTokens } from '../bench/tokens.ts';
import { routeFileText } from '../test/control/fleet.ts';
import type { Sides } from '../test/control/two-sides.ts';
import type { Found } from './measured.ts';
import { ALL_CORES, adminUrlOf, cpuMicros, send, startService } from './processes.ts';

const COUNT = 6000;
const WARM_UP = 20_000;
const ROUNDS = 4;
const CONNECTIONS = 32;

/** What a request takes of an edge, of its log and of Prometheus: one edge at weight 50, everything on, its store a file. */
export async function benchEdge(folder: string, say: (text: string) => void): Promise<Found> {
  const place = join(folder, 'edge');
  mkdirSync(place);
  const helper = startHelper(join(import.meta.dirname, '..', 'bench', 'side-servers.ts'), [], ALL_CORES);
  const urls = (await messageFrom(helper, 30_000)) as Sides['urls'];
  const sides = { urls, [Symbol.asyncDispose]: () => Promise.resolve() };
  const routeFile = join(place, 'edge.json');
  writeFileSync(routeFile, routeFileText(sides).replace('"initialWeight":20', '"initialWeight":50'));
  const env = { EDGE_CONFIG: routeFile, JWKS_URL: 'http://127.0.0.1:9/' };
  const edge = await startService('edge-proxy', { folder: place, env });
  const requests = makeTokens(5000).map((token) => ({ path: '/fitness/wod', authorization: `Bearer ${token}` }));
  const load = { requests, concurrency: CONNECTIONS };
  say('the edge: warm-up');
  await send(edge.url, { ...load, count: WARM_UP });
  const logged = statSync(edge.logFile).size;
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`the edge: round ${round} of ${ROUNDS}`);
    const { micros, done } = await cpuMicros([edge.pid], () => send(edge.url, { ...load, count: COUNT }));
    if (done.failed.length > 0) throw new Error(`${done.failed.length} of ${COUNT} failed, like ${done.failed[0]}`);
    rounds.push(micros[0]! / COUNT);
  }
  await delay(500);
  const logBytes = (statSync(edge.logFile).size - logged) / (ROUNDS * COUNT);
  const scrape = await scraped(adminUrlOf(edge));
  edge.stop();
  stopChild(helper);
  return { edgeMicros: Math.min(...rounds), edgeLogBytes: logBytes, ...scrape };
}

async function scraped(adminUrl: string): Promise<Found> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  return { edgeScrapeBytes: text.length, edgeSeries: series };
}
