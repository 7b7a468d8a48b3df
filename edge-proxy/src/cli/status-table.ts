import type { ReplicaList, RouteView, SideHealth } from '../admin-api/schemas.ts';
import type { Io } from './command-context.ts';
import { percentText, printableLine, readableTime, wrapped } from './printable.ts';
import { rampText } from './ramp-text.ts';
import { paint, renderTable } from './table.ts';
import type { Cell, Column, Style } from './table.ts';

const PHASE_STYLES: Record<RouteView['phase'], Style> = {
  legacy: 'dim',
  shadow: 'dim',
  canary: 'yellow',
  full: 'green',
  retired: 'green',
};
const HEALTH_STYLES: Record<SideHealth['state'], Style> = { healthy: 'green', probing: 'yellow', failing: 'red' };

export const STATUS_COLUMNS: readonly Column<RouteView>[] = [
  { header: 'ROUTE', cell: ({ route }) => route },
  { header: 'PATH', cell: ({ path }) => path, yields: 5 },
  { header: 'PHASE', cell: phaseCell, yields: 8 },
  { header: 'SET', cell: ({ weight }) => percentText(weight) },
  { header: 'ACKNOWLEDGED', cell: acknowledgedCell },
  { header: 'OBSERVED', cell: ({ observed }) => (observed.share === null ? '-' : percentText(observed.share)) },
  { header: 'OLD', cell: ({ health }) => healthCell(health.old), yields: 7 },
  { header: 'NEW', cell: ({ health }) => healthCell(health.new), yields: 6 },
  { header: 'REVISION', cell: revisionCell, yields: 4 },
  { header: 'CHANGED', cell: ({ changed_at }) => (changed_at ? readableTime(changed_at) : 'never'), yields: 3 },
  { header: 'BY', cell: ({ changed_by }) => changed_by ?? '-', yields: 2 },
  { header: 'REASON', cell: ({ reason }) => reason ?? '-', yields: 1 },
];

/** All that `status` shows. */
export type Seen = { store: ReplicaList['store']; routes: readonly RouteView[] };

/** A table, after a store that is out of reach; on a terminal also what it means, in words. */
export function statusText({ store, routes }: Seen, io: Io): string {
  const rows = routes.length === 0 ? 'No routes are configured.\n' : renderTable(STATUS_COLUMNS, routes, io);
  const table = `${storeLines(store, io)}${rows}`;
  if (!io.columns || routes.length === 0) return table;
  const width = io.columns();
  const words = routes.map(({ route, sentence }) => wrapped(`${route}: ${printableLine(sentence)}`, width));
  return `${table}\n${words.join('')}`;
}

/** What is wrong with the store, in a sentence; undefined if nothing is. */
export function storeTrouble({ kind, state, since }: Seen['store']): string | undefined {
  if (state === 'up') return undefined;
  return `The ${kind} store has been OUT OF REACH since ${readableTime(since)}: nothing but a rollback is possible`;
}

function storeLines(store: Seen['store'], { colour, columns }: Io): string {
  const trouble = storeTrouble(store);
  if (trouble === undefined) return '';
  const lines = columns ? wrapped(`${trouble}.`, columns()).trimEnd().split('\n') : [`${trouble}.`];
  return `${lines.map((line) => `${paint({ text: line, style: 'red' }, 0, colour)}\n`).join('')}\n`;
}

/** `canary, ramp 2/4 running, mirror 20 %`; a ramp that somebody ended is history. */
function phaseCell({ phase, ramp, mirror_share }: RouteView): Cell {
  const isOver = ramp === null || ramp.phase === 'cancelled';
  const parts = [
    phase,
    ...(isOver ? [] : [rampText(ramp)]),
    ...(mirror_share > 0 ? [`mirror ${percentText(mirror_share)}`] : []),
  ];
  return { text: parts.join(', '), style: PHASE_STYLES[phase] };
}

function acknowledgedCell({ acknowledged: { serving, replicas } }: RouteView): Cell {
  return { text: `${serving} of ${replicas}`, ...(serving < replicas && { style: 'yellow' }) };
}

function healthCell({ upstream, state, failing_on }: SideHealth): Cell {
  const where = state === 'healthy' ? '' : ` (${failing_on} ${failing_on === 1 ? 'edge' : 'edges'})`;
  return { text: `${upstream} ${state}${where}`, style: HEALTH_STYLES[state] };
}

function revisionCell({ revision, stored }: RouteView): Cell {
  return stored ? { text: String(revision) } : { text: `${revision}, not stored`, style: 'yellow' };
}
