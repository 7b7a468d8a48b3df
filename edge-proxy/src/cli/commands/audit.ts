import type { Command } from 'commander';
import type { AuditEntry } from '../../admin-api/schemas.ts';
import { wholeNumberFrom } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { percentText, printableLine, readableTime } from '../printable.ts';
import { renderTable } from '../table.ts';
import type { Column } from '../table.ts';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { header: 'AT', cell: ({ at }) => readableTime(at) },
  { header: 'ROUTE', cell: ({ route }) => route },
  { header: 'REVISION', cell: ({ revision }) => String(revision), yields: 3 },
  {
    header: 'BEFORE → AFTER',
    cell: ({ before, after }) => `${before ? percentText(before.weight) : '?'} → ${percentText(after.weight)}`,
  },
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
      const table = page.entries.length === 0 ? 'No changes.\n' : renderTable(COLUMNS, page.entries, context.io);
      context.print(page, `${table}${more}`);
    });
}
