import { markdownTable } from '../../scripts/markdown-table.ts';
import type { Measured } from './measured.ts';
import { valueOf } from './measured.ts';
import { ASSUMED, mostEdges, needsOf, redisLookMicros, storeNeeds, wallsOf } from './model.ts';
import { simulateHistory } from './simulate-history.ts';
import { simulateStore } from './simulate-store.ts';

const RATES = [1000, 100_000, 1_000_000] as const;
const LOADS = [50, 80, 95, 100, 102, 105] as const;
const FLEETS = [10, 30, 60, 100, 300] as const;
const SEED = 1;

/** The parts of docs/scale.md that are computed, by the names of their markers. */
export function computedParts(measured: Measured): Record<string, string> {
  return {
    measured: measuredTable(measured),
    core: coreTable(measured),
    needs: needsTable(measured),
    walls: wallsTable(measured),
    changes: changesTable(measured),
    history: historyTable(measured),
    store: storeTable(measured),
  };
}

function measuredTable(measured: Measured): string {
  const rows = Object.entries(measured).map(([name, { value, unit, what, how, date }]) => [
    `\`${name}\``,
    `${count(value)} ${unit}`,
    what,
    how,
    date,
  ]);
  return markdownTable([['name', 'value', 'what', 'how', 'when'], ...rows]);
}

function coreTable(measured: Measured): string {
  const row = (what: string, name: string) => {
    const micros = valueOf(measured, name);
    return [what, `${count(micros)} µs`, count(1_000_000 / micros), count((ASSUMED.busyShare * 1_000_000) / micros)];
  };
  return markdownTable([
    ['one core', 'CPU each', 'a second at most', `a second at ${percent(ASSUMED.busyShare)}`],
    row('requests through an edge, everything on', 'edgeMicros'),
    row('workouts of the coach', 'coachMicros'),
    row('histories of the monolith', 'historyMicros'),
    row('histories of PostgreSQL', 'historyPostgresMicros'),
    row('whole catalogues of the monolith', 'catalogueMicros'),
    row('unchanged catalogues of the monolith (304)', 'catalogueUnchangedMicros'),
    row('logins (argon2id), of any threads of the monolith', 'loginMicros'),
    row('TLS handshakes of Nginx (P-256)', 'nginxHandshakeMicros'),
    row('requests on kept TLS connections of Nginx', 'nginxTlsKeptMicros'),
  ]);
}

function needsTable(measured: Measured): string {
  const needs = RATES.map((rate) => needsOf(rate, measured));
  const row = (what: string, of: (each: (typeof needs)[number]) => string) => [what, ...needs.map(of)];
  return markdownTable([
    ['workouts a second', ...RATES.map((rate) => rate.toLocaleString('en'))],
    row('cores of Nginx, TLS included', (each) => count(Math.ceil(each.nginxCores))),
    row('edges, one core each', (each) => count(each.edges)),
    row('coaches, one core each', (each) => count(each.coaches)),
    row('monoliths, one core each, for histories alone', (each) => count(each.monoliths)),
    row('cores for logins, if people ask once a minute', (each) => count(Math.ceil(each.loginCores))),
    row('connections to PostgreSQL', (each) => count(each.postgresConnections)),
    row('cores of PostgreSQL', (each) => count(Math.ceil(each.postgresCores))),
    row('thread of Redis, a route ramps', (each) => share(each.store.busy)),
    row('Redis sends, a route ramps', (each) => rate(each.store.bytesPerSecond)),
    row('thread of Redis if one edge looks alone', (each) => share(each.storeIfOneLooks.busy)),
    row("an edge's core that goes into looking", (each) => share(each.lookShare)),
    row('calls a second for the catalogue', (each) => count(each.catalogueCallsPerSecond)),
    row('request log of the edges', (each) => rate(each.logBytesPerSecond)),
    row('series of the edges in Prometheus', (each) => count(each.series)),
  ]);
}

function wallsTable(measured: Measured): string {
  const rows = wallsOf(measured).map(({ perSecond, what, next }, at) => [`${at + 1}`, count(perSecond), what, next]);
  return markdownTable([['', 'workouts a second', 'what is full', 'what is next'], ...rows]);
}

function changesTable(measured: Measured): string {
  const of = (name: string) => valueOf(measured, name);
  const needs = needsOf(1_000_000, measured);
  const pulls = needs.catalogueCallsPerSecond;
  const perRegion = mostEdges((edges) => storeNeeds({ edges, lookers: edges }, measured).busy < ASSUMED.busyShare);
  return markdownTable([
    ['what changes', 'today, at a million workouts a second', 'then'],
    [
      'history by event',
      `${count(needs.monoliths)} monoliths and ${count(Math.ceil(needs.postgresCores))} cores of PostgreSQL answer what somebody did yesterday`,
      `a coach keeps a million people in ${rate(1_000_000 * of('keptPersonBytes')).replace('/s', '')}; what the monolith then does grows with workouts that are logged, not with those that are asked for`,
    ],
    [
      'the edge that leads looks alone',
      `Redis' thread would be ${share(needs.store.busy)} busy while a route ramps`,
      `${share(needs.storeIfOneLooks.busy)}; the others show the verdict of the one that leads`,
    ],
    [
      'weights by region',
      `${count(needs.edges)} edges on one Redis`,
      `${count(Math.ceil(needs.edges / perRegion))} regions of at most ${count(perRegion)} edges, each with its Redis and its leader, as the edges are today`,
    ],
    [
      'catalogue pushed',
      `${count(needs.coaches)} coaches ask ${count(pulls)} times a second: ${share((pulls * of('catalogueUnchangedMicros')) / 1_000_000)} of a monolith's core; when it has changed, ${rate(pulls * of('catalogueBytes'))} for ${ASSUMED.catalogueEveryMs / 1000} s`,
      'known in milliseconds rather than within 30 s; no wall falls by it',
    ],
  ]);
}

function historyTable(measured: Measured): string {
  const historyMs = valueOf(measured, 'historyMicros') / 1000;
  const most = 1000 / historyMs;
  const rows = LOADS.map((load) => {
    const perSecond = Math.round((most * load) / 100);
    const served = simulateHistory({
      perSecond,
      monoliths: 1,
      historyMs,
      oldMs: valueOf(measured, 'oldWorkoutMicros') / 1000,
      patienceMs: 600,
      generator: { workers: 32, queue: 256, leastMs: 1000, mostMs: 5000 },
      deadlineMs: 12_000,
      seconds: 30,
      seed: SEED,
    });
    const isMet = served.p95Ms < 5000 && served.failed < 0.01;
    return [
      `${load} %`,
      count(perSecond),
      `${count(served.p50Ms)} ms`,
      `${count(served.p95Ms)} ms`,
      share(served.fellBack),
      share(served.failed),
      isMet ? 'met' : 'missed',
    ];
  });
  const head = ['of what one monolith can', 'workouts a second', 'p50', 'p95', 'fell back', 'failed', 'objective'];
  return markdownTable([head, ...rows]);
}

function storeTable(measured: Measured): string {
  const rows = FLEETS.flatMap((edges) =>
    [edges, 1].map((lookers) => {
      const served = simulateStore({
        edges,
        lookers,
        everyMs: 1000 / ASSUMED.looksPerSecond,
        putMs: valueOf(measured, 'redisPutMicros') / 1000,
        lookMs: redisLookMicros(measured) / 1000,
        restMs: valueOf(measured, 'redisCpuMicrosRest6') / 1000,
        seconds: 10,
        seed: SEED,
      });
      return [
        count(edges),
        lookers === 1 ? 'the one that leads' : 'all',
        share(served.busy),
        `${count(served.lookP50Ms)} ms`,
        `${count(served.lookP95Ms)} ms`,
        `${count(served.changeP95Ms)} ms`,
      ];
    }),
  );
  const head = ['edges', 'who looks', 'Redis busy', 'a look: p50', 'p95', 'a change waits: p95'];
  return markdownTable([head, ...rows]);
}

/** Three digits at most: no more of a figure travels. */
function count(value: number): string {
  if (value === 0) return '0';
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });
}

function percent(value: number): string {
  return `${count(100 * value)} %`;
}

function share(value: number): string {
  if (value >= 1.0005) return percent(value);
  return value > 0 && value < 0.001 ? 'under 0.1 %' : `${(100 * value).toFixed(1)} %`;
}

function rate(bytesPerSecond: number): string {
  return bytesPerSecond < 1_000_000
    ? `${count(bytesPerSecond / 1000)} KB/s`
    : `${count(bytesPerSecond / 1_000_000)} MB/s`;
}
