import type { Command } from 'commander';
import type { ChangedRoute, Preview, RouteView } from '../../admin-api/schemas.ts';
import type { AdminClient } from '../admin-client.ts';
import { parsePercent } from '../arguments.ts';
import { confirm, reasonFor } from '../ask.ts';
import { waitMsOf, withChangeOptions, withFollowingOptions } from '../change-options.ts';
import type { ChangeOptions, FollowingOptions } from '../change-options.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { percentText } from '../printable.ts';
import { reportChange } from '../report-change.ts';

type WeightOptions = FollowingOptions & { yes?: true };
type Weighing = { route: string; weight: number; reason: string; options: WeightOptions };

/** `edgectl weight` and `edgectl rollback` */
export function addChangeCommands(program: Command, context: CommandContext): void {
  withFollowingOptions(program.command('weight').argument('<route>'))
    .description("set the new side's share of a route's users; ends a ramp")
    .argument('<percent>', '0 to 100 in steps of 0.01, with or without %', parsePercent)
    .option('--yes', 'do not ask; needed for 100 where there is no terminal to ask on')
    .action(async (route: string, weight: number, options: WeightOptions) => {
      if (weight === 100 && !options.yes && !context.io.ask) throw new CommandError(EXIT.usage, NEEDS_YES);
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const changed = await setWeight(client, context, { route, weight, reason, options });
      await reportChange(changed, { client, context, waitMs: waitMsOf(options) });
    });

  withChangeOptions(program.command('rollback').argument('<route>'))
    .description('send everybody back to the old side, whatever the revision; never asks')
    .action(async (route: string, options: ChangeOptions) => {
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const changed = await client.order(route, 'rollback', { reason }, { waitMs: waitMsOf(options) ?? 0 });
      await reportChange(changed, { client, context, waitMs: waitMsOf(options) });
    });
}

const NEEDS_YES = 'weight 100 leaves nobody on the old side, and there is no terminal to ask on: confirm it with --yes';

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
