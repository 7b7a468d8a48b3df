import type { Command } from 'commander';
import type { Drill, RetirementView, RouteView } from '../../admin-api/schemas.ts';
import { confirm, reasonFor } from '../ask.ts';
import { revisionFor, waitMsOf, withFollowingOptions, withReason } from '../change-options.ts';
import type { FollowingOptions } from '../change-options.ts';
import type { CommandContext, Io } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { percentText, printable, readableTime } from '../printable.ts';
import { reportChange } from '../report-change.ts';
import { renderTable } from '../table.ts';
import type { Column } from '../table.ts';

type Condition = RetirementView['conditions'][number];
type RetireOptions = FollowingOptions & { yes?: true; despiteUnmetConditions?: true };

const COLUMNS: readonly Column<Condition>[] = [
  { header: 'CONDITION', cell: ({ name }) => name },
  { header: 'MET', cell: ({ met }) => (met ? { text: 'yes', style: 'green' } : { text: 'no', style: 'red' }) },
  { header: 'EVIDENCE', cell: ({ evidence }) => evidence, yields: 1 },
];

const NEEDS_YES = 'retire takes the way back away, and there is no terminal to ask on: confirm it with --yes';

/** `edgectl retire`, `retire check`, `unretire` and `drill` */
export function addRetireCommands(program: Command, context: CommandContext): void {
  const retire = withFollowingOptions(program.command('retire').argument('<route>'))
    .description('take the way back to the old side away, so that its code may go; asks first')
    .option('--yes', 'do not ask; needed where there is no terminal to ask on')
    .option('--despite-unmet-conditions', 'whatever retire check says')
    .action(async (route: string, options: RetireOptions) => await retireRoute(route, options, context));

  retire
    .command('check')
    .description('whether the old code may go: every condition with its evidence; changes nothing')
    .argument('<route>')
    .action(async (route: string) => {
      const check = await (await context.connect()).getRetirement(route);
      context.print(check, checkText(check, context.io));
      if (!check.may_go) throw new CommandError(EXIT.unmet, mustStay(check));
    });

  withFollowingOptions(program.command('unretire').argument('<route>'))
    .description('give the way back to the old side back')
    .action(async (route: string, options: FollowingOptions) => {
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const follow = { revision: await revisionFor(client, route, options), waitMs: waitMsOf(options) ?? 0 };
      const changed = await client.order(route, 'unretire', { reason }, follow);
      const did = { what: `unretired: ${changed.sides.old} answers again where ${changed.sides.new} fails` };
      await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
    });

  withReason(program.command('drill').argument('<route>'))
    .description('roll back for real, measure how long every edge takes, and restore the weight; never asks')
    .action(async (route: string, options: { reason?: string }) => {
      const reason = await reasonFor(options.reason, context.io);
      const drill = await (await context.connect()).drill(route, { reason });
      context.print(drill, drillText(drill));
      if (!drill.restored) throw new CommandError(EXIT.conflict, NOT_RESTORED);
      if (!drill.acknowledged) throw new CommandError(EXIT.unreachable, NOT_ACKNOWLEDGED);
    });
}

/** The conditions are looked at before anybody is asked, and what follows the look is the revision that it saw. */
async function retireRoute(route: string, options: RetireOptions, context: CommandContext): Promise<void> {
  const { io } = context;
  if (!options.yes && !io.ask) throw new CommandError(EXIT.usage, NEEDS_YES);
  const client = await context.connect();
  const revision = await revisionFor(client, route, options);
  const [check, view] = [await client.getRetirement(route), await client.getRoute(route)];
  if (!check.may_go && !options.despiteUnmetConditions) {
    context.print(check, checkText(check, io));
    throw new CommandError(EXIT.unmet, `${mustStay(check)}; nothing is changed (--despite-unmet-conditions does it)`);
  }
  if (!context.isJson()) io.out(checkText(check, io));
  await confirm(options.yes === true, io, async () => retireSentence(view));
  const reason = await reasonFor(options.reason, io);
  const changed = await client.order(route, 'retire', { reason }, { revision, waitMs: waitMsOf(options) ?? 0 });
  const did = {
    what: 'retired',
    notes: [`${view.sides.old} answers nothing any more; edgectl unretire gives it back.`],
  };
  await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
}

function retireSentence({ route, sides }: RouteView): string {
  return (
    `${route}: retired, ${sides.old} answers nothing any more: where ${sides.new} fails, people get a 503, ` +
    'and a rollback is refused until edgectl unretire.'
  );
}

function mustStay({ conditions }: RetirementView): string {
  const unmet = conditions.filter(({ met }) => !met).map(({ name }) => name);
  return `the old code must stay: ${unmet.length} of ${conditions.length} conditions not met (${unmet.join(', ')})`;
}

function checkText(check: RetirementView, io: Io): string {
  const { route, retired, may_go, conditions, last_served } = check;
  const used = Object.entries(last_served).map(([why, at]) => `${why} ${at === null ? 'never' : readableTime(at)}`);
  const table = renderTable(COLUMNS, conditions, io);
  const verdict = may_go ? 'The old code may go.' : 'The old code must stay.';
  const lines = [
    `The old side was last used, by why: ${used.join(', ')}`,
    `${route}: ${retired ? 'retired. ' : ''}${verdict}`,
  ];
  return `${table}\n${printable(lines.join('\n'))}\n`;
}

const NOT_RESTORED = 'somebody else changed the route meanwhile: it stays as it is; look with edgectl status';
const NOT_ACKNOWLEDGED = 'not every edge had said in time that it serves the rollback; look with edgectl replicas';

function drillText({ route, rollback_ms, acknowledged, replicas, weight, revision }: Drill): string {
  const edges = replicas === 1 ? 'the only edge' : `all ${replicas} edges`;
  const took = acknowledged ? `0 % on ${edges} after ${rollback_ms} ms` : `not on ${edges} within ${rollback_ms} ms`;
  return printable(`${route}: rollback drilled: ${took}\nNow at ${percentText(weight)} (revision ${revision}).\n`);
}
