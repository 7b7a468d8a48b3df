import type { Command } from 'commander';
import type { Replica, ReplicaList } from '../../admin-api/schemas.ts';
import type { CommandContext, Io } from '../command-context.ts';
import { readableTime } from '../printable.ts';
import { renderTable } from '../table.ts';
import type { Cell, Column } from '../table.ts';

/** `edgectl replicas` */
export function addReplicasCommand(program: Command, context: CommandContext): void {
  program
    .command('replicas')
    .description('every edge, the revisions that it serves, and the store that they share')
    .action(async () => {
      const list = await (await context.connect()).getReplicas();
      context.print(list, replicasText(list, context.io));
    });
}

function replicasText({ store, replicas }: ReplicaList, io: Io): string {
  const since = readableTime(store.since);
  const table = renderTable(columnsFor(newestRevisions(replicas)), replicas, io);
  return `Store: ${store.kind}, ${store.state === 'up' ? 'up' : 'OUT OF REACH'} since ${since}\n\n${table}`;
}

function columnsFor(newest: ReadonlyMap<string, number>): readonly Column<Replica>[] {
  return [
    { header: 'EDGE', cell: ({ id, is_self }) => (is_self ? `${id} (answers)` : id) },
    { header: 'STATE', cell: stateCell },
    { header: 'SEEN', cell: ({ seen_seconds_ago }) => `${Math.round(seen_seconds_ago)} s ago`, yields: 2 },
    { header: 'STARTED', cell: ({ started_at }) => readableTime(started_at), yields: 1 },
    { header: 'REVISIONS', cell: (replica) => revisionsCell(replica, newest) },
  ];
}

function stateCell({ state }: Replica): Cell {
  return { text: state, style: state === 'live' ? 'green' : 'red' };
}

/** `wod 3, history 1 of 2`: the last one is behind another edge. */
function revisionsCell({ revisions }: Replica, newest: ReadonlyMap<string, number>): Cell {
  const isBehind = (route: string, revision: number) => revision < (newest.get(route) ?? 0);
  const served = Object.entries(revisions);
  const text = served
    .map(([route, revision]) => `${route} ${revision}${isBehind(route, revision) ? ` of ${newest.get(route)}` : ''}`)
    .join(', ');
  return { text, ...(served.some(([route, revision]) => isBehind(route, revision)) && { style: 'yellow' }) };
}

function newestRevisions(replicas: readonly Replica[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const [route, revision] of replicas.flatMap(({ revisions }) => Object.entries(revisions))) {
    newest.set(route, Math.max(revision, newest.get(route) ?? 0));
  }
  return newest;
}
