import type { RouteView, SideHealth } from '../admin-api/schemas.ts';
import type { Io } from './command-context.ts';
import { percentText, printableLine, readableTime, wrapped } from './printable.ts';
import { renderTable } from './table.ts';
import type { Cell, Column, Style } from './table.ts';

const PHASE_STYLES: Record<RouteView['phase'], Style> = { legacy: 'dim', canary: 'yellow', full: 'green' };
const HEALTH_STYLES: Record<SideHealth['state'], Style> = { healthy: 'green', probing: 'yellow', failing: 'red' };

export const STATUS_COLUMNS: readonly Column<RouteView>[] = [
  { header: 'ROUTE', cell: ({ route }) => route },
  { header: 'PATH', cell: ({ path }) => path, yields: 5 },
  { header: 'PHASE', cell: ({ phase }) => ({ text: phase, style: PHASE_STYLES[phase] }), yields: 8 },
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

/** A table; on a terminal also what it means, in words. */
export function statusText(routes: readonly RouteView[], io: Io): string {
  if (routes.length === 0) return 'No routes are configured.\n';
  const table = renderTable(STATUS_COLUMNS, routes, io);
  if (!io.columns) return table;
  const width = io.columns();
  const words = routes.map(({ route, sentence }) => wrapped(`${route}: ${printableLine(sentence)}`, width));
  return `${table}\n${words.join('')}`;
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
