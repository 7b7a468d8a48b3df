import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Bench } from './comparison.ts';
import { routePaths } from './config-texts.ts';
import { figureOf, rotated } from './figures.ts';
import type { Figure } from './figures.ts';
import { descriptorLimit } from './machine.ts';
import { startEdge } from './proxies.ts';
import type { Running } from './proxies.ts';
import { measureOpened, SATURATING_CONNECTIONS, warmUp } from './slice.ts';

export const SERIES = ['connections', 'routes'] as const;
export type SeriesName = (typeof SERIES)[number];

/** Each point has its own load, and its own edge where the configuration differs. */
type Point = { at: number; target: Running; connections: number; requestFile: string };
export type SeriesPoint = { at: number; cpuMicros: Figure; requestsPerSecond: Figure; errors: number };

const CONNECTIONS = [10, 100, 1000, 10_000];
const ROUTES = [1, 10, 100, 1000];
/** Of the edge's descriptors, for all that is neither a client nor an upstream. */
const OTHER_DESCRIPTORS = 500;

/** CPU per request of the edge as one thing grows; its points are interleaved like the proxies of the comparison. */
export async function measureSeries(bench: Bench, name: SeriesName): Promise<SeriesPoint[]> {
  const points = name === 'connections' ? await connectionPoints(bench) : await routePoints(bench);
  for (const target of new Set(points.map((point) => point.target))) {
    bench.say('warm-up');
    const { requestFile } = points.find((point) => point.target === target) ?? { requestFile: '' };
    await warmUp(target.url, { connections: SATURATING_CONNECTIONS, requestFile });
  }
  const taken = points.map((point) => ({ point, slices: [] as Awaited<ReturnType<typeof measureOpened>>[] }));
  for (let round = 0; round < bench.rounds; round++) {
    for (const { point, slices } of rotated(taken, round)) {
      bench.say(`round ${round + 1} of ${bench.rounds}: ${point.at} ${name}`);
      slices.push(await measureOpened(point.target, { ...point, seconds: bench.seconds }, bench.countRequests));
    }
  }
  for (const { target } of points) target.stop();
  return taken.map(({ point, slices }) => ({
    at: point.at,
    cpuMicros: figureOf(slices.map(({ cpuMicros }) => cpuMicros)),
    requestsPerSecond: figureOf(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
    errors: slices.reduce((sum, { errors }) => sum + errors, 0),
  }));
}

/** A client's connection can need one to an upstream, so that a process may have too few descriptors for 10,000. */
export function connectionCounts(limit: number): number[] {
  const most = Math.floor((limit - OTHER_DESCRIPTORS) / 2);
  return [...new Set(CONNECTIONS.map((count) => Math.min(count, most)))];
}

async function connectionPoints(bench: Bench): Promise<Point[]> {
  const target = await startEdge(bench.folder, bench.upstreamPort);
  const requestFile = writeRequests(bench, 1);
  return connectionCounts(descriptorLimit()).map((at) => ({ at, target, connections: at, requestFile }));
}

async function routePoints(bench: Bench): Promise<Point[]> {
  const points: Point[] = [];
  for (const at of ROUTES) {
    const target = await startEdge(bench.folder, bench.upstreamPort, { routes: at });
    points.push({ at, target, connections: SATURATING_CONNECTIONS, requestFile: writeRequests(bench, at) });
  }
  return points;
}

/** A line for each token, the paths of all routes in turn. */
export function writeRequests({ folder, tokens }: Pick<Bench, 'folder' | 'tokens'>, routes: number): string {
  const paths = routePaths(routes);
  const file = join(folder, `requests-${routes}`);
  writeFileSync(file, tokens.map((token, index) => `${paths[index % paths.length]}\t${token}\n`).join(''));
  return file;
}
