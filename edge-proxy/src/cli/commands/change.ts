import type { Command } from 'commander';
import type { ChangedRoute, Preview, RouteView } from '../../admin-api/schemas.ts';
import type { AdminClient } from '../admin-client.ts';
import { parsePercent, parseReason, parseRevision, secondsFrom } from '../arguments.ts';
import { confirm, reasonFor } from '../ask.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { percentText, printable } from '../printable.ts';

type ChangeOptions = { reason?: string; wait?: number | true };
type WeightOptions = ChangeOptions & { revision?: number; yes?: true };
type Weighing = { route: string; weight: number; reason: string; options: WeightOptions };

/** `edgectl weight` and `edgectl rollback` */
export function addChangeCommands(program: Command, context: CommandContext): void {
  withChangeOptions(program.command('weight').argument('<route>'))
    .description("set the new side's share of a route's users")
    .argument('<percent>', '0 to 100 in steps of 0.01, with or without %', parsePercent)
    .option('--revision <n>', 'the revision that you have seen (default: the current one)', parseRevision)
    .option('--yes', 'do not ask; needed for 100 where there is no terminal to ask on')
    .action(async (route: string, weight: number, options: WeightOptions) => {
      if (weight === 100 && !options.yes && !context.io.ask) throw new CommandError(EXIT.usage, NEEDS_YES);
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const changed = await setWeight(client, context, { route, weight, reason, options });
      await report(changed, { client, context, waitMs: waitMsOf(options) });
    });

  withChangeOptions(program.command('rollback').argument('<route>'))
    .description('send everybody back to the old side, whatever the revision; never asks')
    .action(async (route: string, options: ChangeOptions) => {
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const changed = await client.rollback(route, { reason }, waitMsOf(options));
      await report(changed, { client, context, waitMs: waitMsOf(options) });
    });
}

const NEEDS_YES = 'weight 100 leaves nobody on the old side, and there is no terminal to ask on: confirm it with --yes';

function withChangeOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why, for the audit log; asked for on a terminal', parseReason)
    .option(
      '--wait [seconds]',
      'until every edge serves the change: at most 10 seconds, or so many (0 to 30)',
      secondsFrom(0, 30),
    );
}

/** Undefined: nobody waits. */
function waitMsOf({ wait }: ChangeOptions): number | undefined {
  return wait === true ? 10_000 : wait;
}

/** What was confirmed is what is done: the change follows the revision that the question was about. */
async function setWeight(
  client: AdminClient,
  { io }: CommandContext,
  { route, weight, reason, options }: Weighing,
): Promise<ChangedRoute> {
  const view = await client.getRoute(route);
  let { revision } = view;
  const movesNobody = view.weight === weight && (options.revision ?? revision) === revision;
  await confirm(weight < 100 || movesNobody || options.yes === true, io, async () => {
    const preview = await client.getPreview(route, weight);
    ({ revision } = preview);
    return previewSentence(preview, view);
  });
  revision = options.revision ?? revision;
  return await client.putWeight(route, { weight, reason }, { revision, waitMs: waitMsOf(options) ?? 0 });
}

/** What everybody's move to the new side means. */
function previewSentence(preview: Preview, { sides }: RouteView): string {
  const { route, before, after, share_moving, users_seen, users_moving } = preview;
  const seen =
    users_seen === 0 ? '' : `, about ${users_moving} of the ${users_seen} people that this edge saw in the last hour`;
  return (
    `${route}: ${percentText(before)} → ${percentText(after)} moves ${percentText(share_moving)} of all users ` +
    `from ${sides.old} to ${sides.new}${seen}. ${sides.old} then serves nobody on this route.`
  );
}

type Reporting = { client: AdminClient; context: CommandContext; waitMs: number | undefined };

async function report(changed: ChangedRoute, { client, context, waitMs }: Reporting): Promise<void> {
  context.print(changed, changeText(changed));
  const { serving, replicas } = changed.acknowledged;
  if (waitMs === undefined || serving >= replicas) return;
  const behind = await edgesBehind(client, changed);
  throw new CommandError(
    EXIT.unreachable,
    `the change is made, but after ${waitMs / 1000} s not every edge serves revision ${changed.revision}${behind}`,
  );
}

/** `: edge-2 serves revision 3`, or where to look if nobody is behind any more, or nobody can say. */
async function edgesBehind(client: AdminClient, { route, revision }: ChangedRoute): Promise<string> {
  const list = await client.getReplicas().catch(() => undefined);
  const behind = (list?.replicas ?? []).filter(
    ({ revisions, state }) => state === 'silent' || (revisions[route] ?? -1) < revision,
  );
  const words = behind.map(({ id, revisions, state, seen_seconds_ago }) => {
    const served = revisions[route] === undefined ? 'none' : `revision ${revisions[route]}`;
    if (state === 'live') return `${id} serves ${served}`;
    return `${id} served ${served} when last heard of ${Math.round(seen_seconds_ago)} s ago`;
  });
  return words.length > 0 ? `: ${words.join(', ')}` : '; look with edgectl replicas';
}

/** What a change did, in words. */
function changeText(changed: ChangedRoute): string {
  const { route, before, weight, revision, acknowledged, stored } = changed;
  const lines = [
    `${route}: ${before.weight} % → ${weight} % (revision ${before.revision} → ${revision})`,
    movement(changed),
    `acknowledged: ${acknowledged.serving} of ${acknowledged.replicas}`,
    ...(stored ? [] : [NOT_STORED]),
  ];
  return printable(`${lines.join('\n')}\n`);
}

const NOT_STORED =
  'The store is out of reach: this is in force on this edge only, and is stored once the store is back. ' +
  'Run it on each other edge too: edgectl --url http://HOST:PORT rollback …';

function movement({ before, weight, sides, path }: ChangedRoute): string {
  const moved = Math.round(Math.abs(weight - before.weight) * 100) / 100;
  if (moved === 0) return `Nobody moved.`;
  const [from, to] = weight > before.weight ? [sides.old, sides.new] : [sides.new, sides.old];
  const who = moved === 100 ? 'All users' : `${moved} % of the users`;
  const others = moved === 100 ? '' : '; all others stay where they were';
  return `${who} of ${path} moved from ${from} to ${to}${others}.`;
}
