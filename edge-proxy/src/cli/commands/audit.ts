import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import type { AuditEntry } from '../../admin-api/schemas.ts';
import { wholeNumberFrom } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { percentText, printableLine, readableTime } from '../printable.ts';
import { renderTable } from '../table.ts';
import type { Column } from '../table.ts';

/** A change, and the one before it on the same route if that is on the same page. */
type Row = AuditEntry & { previous: AuditEntry | undefined };

const COLUMNS: readonly Column<Row>[] = [
  { header: 'AT', cell: ({ at }) => readableTime(at) },
  { header: 'ROUTE', cell: ({ route }) => route },
  { header: 'REVISION', cell: ({ revision }) => String(revision), yields: 3 },
  { header: 'CHANGE', cell: changeText },
  { header: 'BY', cell: ({ actor }) => actor, yields: 2 },
  { header: 'REASON', cell: ({ reason }) => reason, yields: 1 },
];

/** `edgectl audit` */
export function addAuditCommand(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('who changed what, when and why; newest first')
    .argument('[route]', 'of this route only')
    .option('--limit <n>', 'so many changes at most, 1 to 500', wholeNumberFrom(1, 500), 50)
    .option('--before <cursor>', 'older ones: what the page before ended with')
    .action(async (route: string | undefined, { limit, before }: { limit: number; before?: string }) => {
      const client = await context.connect();
      const page = await client.getAudit({ route, limit, before });
      // A name that was mistyped has no changes either: the edge says so.
      if (route !== undefined && page.entries.length === 0) await client.getRoute(route);
      const more = page.next === null ? '' : `Older ones: --before ${printableLine(page.next)}\n`;
      const table =
        page.entries.length === 0 ? 'No changes.\n' : renderTable(COLUMNS, rowsOf(page.entries), context.io);
      context.print(page, `${table}${more}`);
    });
}

function rowsOf(entries: readonly AuditEntry[]): Row[] {
  return entries.map((entry) => ({
    ...entry,
    previous: entries.find(({ route, revision }) => route === entry.route && revision === entry.revision - 1),
  }));
}

/**
 * `10 % → 25 %, ramp step 2 running`, `retired`: what the change changed. Where the page does not tell what was before, a
 * change that left the weight alone is told by what there was after it: `at 10 %, ramp step 2 paused`.
 */
function changeText({ revision, before, after, previous }: Row): string {
  const was = previous?.after ?? (revision === 1 ? AT_FIRST : undefined);
  const weights = `${before ? percentText(before.weight) : '?'} → ${percentText(after.weight)}`;
  const isWeight = before?.weight !== after.weight;
  if (!was && isWeight) return weights;
  const others = differences(was ?? AT_FIRST, after);
  if (!was) return [`at ${percentText(after.weight)}`, ...others].join(', ');
  return [...(isWeight || others.length === 0 ? [weights] : []), ...others].join(', ');
}

const AT_FIRST = { mirror_share: 0, retired: false, ramp: null };

function differences(was: Omit<AuditEntry['after'], 'weight'>, is: AuditEntry['after']): string[] {
  const { ramp, mirror_share: mirror, retired } = is;
  return [
    ...(ramp && !isDeepStrictEqual(ramp, was.ramp) ? [`ramp step ${ramp.step} ${ramp.phase}`] : []),
    ...(mirror === was.mirror_share ? [] : [`mirror ${percentText(mirror)}`]),
    ...(retired === was.retired ? [] : [retired ? 'retired' : 'unretired']),
  ];
}
