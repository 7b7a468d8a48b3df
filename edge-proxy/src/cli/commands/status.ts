import type { Command } from 'commander';
import { secondsFrom } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { statusText } from '../status-table.ts';
import { lookAt, watchStatus } from '../status-watch.ts';

/** `edgectl status` */
export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('every route: set, acknowledged and observed share, health of both sides, last change')
    .option(
      '--watch [seconds]',
      'look again every second, or every so many (0.05 to 3600); Ctrl-C ends it',
      secondsFrom(0.05, 3600),
    )
    .action(async ({ watch }: { watch?: number | true }) => {
      const client = await context.connect();
      if (watch !== undefined) return await watchStatus(client, context, watch === true ? 1000 : watch);
      const seen = await lookAt(client);
      context.print(seen, statusText(seen, context.io));
    });
}
