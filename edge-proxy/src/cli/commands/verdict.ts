import type { Command } from 'commander';
import type { GateView, VerdictView } from '../../admin-api/schemas.ts';
import type { CommandContext, Io } from '../command-context.ts';
import { percentText, printable, readableTime } from '../printable.ts';
import { renderTable } from '../table.ts';
import type { Column, Style } from '../table.ts';

const STYLES: Record<GateView['verdict'], Style> = {
  pass: 'green',
  fail: 'red',
  'not-enough-data': 'yellow',
  'not-applicable': 'dim',
};

const COLUMNS: readonly Column<GateView>[] = [
  { header: 'GATE', cell: ({ gate }) => gate },
  { header: 'VERDICT', cell: ({ verdict }) => ({ text: verdict.replaceAll('-', ' '), style: STYLES[verdict] }) },
  { header: 'SENTENCE', cell: ({ sentence }) => sentence, yields: 1 },
];

/** `edgectl verdict` */
export function addVerdictCommand(program: Command, context: CommandContext): void {
  program
    .command('verdict')
    .description('what every gate says of the weight in force, and what follows from it')
    .argument('<route>')
    .action(async (route: string) => {
      const verdict = await (await context.connect()).getVerdict(route);
      context.print(verdict, verdictText(verdict, context.io));
    });
}

function verdictText({ route, weight, judged, at, epoch, gates, decision }: VerdictView, io: Io): string {
  if (!judged || at === null) return printable(`${route}: nothing is judged at ${percentText(weight)} yet.\n`);
  const head = `${route}: ${percentText(weight)} since revision ${epoch}, judged ${readableTime(at)}\n\n`;
  const follows = decision
    ? `${decision.kind}: ${decision.sentence}`
    : 'No ramp guards the route: nothing follows from this.';
  return `${printable(head)}${renderTable(COLUMNS, gates, io)}\n${printable(follows)}\n`;
}
