import { markdownTable } from '../../scripts/markdown-table.ts';
import { count, percent, share } from './figures.ts';
import { LOOKS_PER_SECOND, redisLookMicros } from './fleet.ts';
import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { ASSUMED } from './model.ts';
import { assumedText, changesTable, needsTable, wallsTable } from './needs-tables.ts';
import { simulateHistory } from './simulate-history.ts';
import { simulateStore } from './simulate-store.ts';

const LOADS = [50, 80, 95, 100, 102, 105] as const;
const FLEETS = [10, 30, 60, 100, 300] as const;
const SEED = 1;
const STORE_SECONDS = 10;

/** As the coach, the monolith's generator and the edge are configured if nobody says otherwise. */
const CROWD = {
  monoliths: 1,
  patienceMs: 600,
  generator: { workers: 32, queue: 256, leastMs: 1000, mostMs: 5000 },
  deadlineMs: 12_000,
  seconds: 30,
  seed: SEED,
} as const;

/** The parts of docs/scale.md that are computed, by the names of their markers. */
export function computedParts(measured: Measured): Record<string, string> {
  return {
    core: coreTable(measured),
    assumed: assumedText(),
    needs: needsTable(measured),
    walls: wallsTable(measured),
    changes: changesTable(measured),
    crowd: crowdText(),
    history: historyTable(measured),
    store: storeTable(measured),
    machines: machinesText(measured),
    measured: measuredTable(measured),
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

function machinesText(measured: Measured): string {
  const machines = new Map<string, string[]>();
  for (const [name, { machine }] of Object.entries(measured)) {
    machines.set(machine, [...(machines.get(machine) ?? []), `\`${name}\``]);
  }
  const bySize = [...machines].toSorted(([, some], [, more]) => more.length - some.length);
  return bySize
    .map(([machine, names]) => `- ${machine}: ${names.length > 5 ? `${names.length} figures` : names.join(', ')}`)
    .join('\n');
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

function crowdText(): string {
  const { patienceMs, generator, deadlineMs, seconds, seed } = CROWD;
  const perSecond = (2000 * generator.workers) / (generator.leastMs + generator.mostMs);
  return [
    `- one monolith, ${seconds} s, seed ${seed}`,
    `- the coach waits ${patienceMs} ms for a history, the edge ${deadlineMs / 1000} s for an answer`,
    `- the old generator has ${generator.workers} workers with ${generator.leastMs / 1000} to ${generator.mostMs / 1000} s a workout, ${count(perSecond)} people a second in all, and ${generator.queue} places to wait`,
  ].join('\n');
}

function historyTable(measured: Measured): string {
  const historyMs = (valueOf(measured, 'historyMicros') * valueOf(measured, 'historyCallsPerWorkout')) / 1000;
  const most = 1000 / historyMs;
  const rows = LOADS.map((load) => {
    const perSecond = Math.round((most * load) / 100);
    const served = simulateHistory({
      ...CROWD,
      perSecond,
      historyMs,
      oldMs: valueOf(measured, 'oldWorkoutMicros') / 1000,
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
        everyMs: 1000 / LOOKS_PER_SECOND,
        putMs: valueOf(measured, 'redisPutMicros') / 1000,
        lookMs: redisLookMicros(measured) / 1000,
        restMs: valueOf(measured, 'redisCpuMicrosRest6') / 1000,
        seconds: STORE_SECONDS,
        seed: SEED,
      });
      return [
        count(edges),
        lookers === 1 ? 'one alone' : 'all',
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
