import type { Command } from 'commander';
import { secondsFrom } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { statusText } from '../status-table.ts';
import { watchStatus } from '../status-watch.ts';

/** `edgectl status` */
export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('every route: set, acknowledged and observed share, health of both sides, last change')
    .option('--watch [seconds]', 'look again every second, or so often; Ctrl-C ends it', secondsFrom(0.05, 3600))
    .action(async ({ watch }: { watch?: number | true }) => {
      const client = await context.connect();
      if (watch !== undefined) return await watchStatus(client, context, watch === true ? 1000 : watch);
      const routes = await client.listRoutes();
      context.print({ routes }, statusText(routes, context.io));
    });
}
