import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

/** `edgectl dashboard` */
export function addDashboardCommand(program: Command, context: CommandContext): void {
  program
    .command('dashboard')
    .description('print a link to the dashboard that logs you in; good once, for a minute')
    .action(async () => {
      const client = await context.connect();
      const { code, expires_in } = await client.createLoginCode();
      const url = `${client.url}/#code=${encodeURIComponent(code)}`;
      const text = `${url}\nOpen it within ${expires_in} seconds; it is good once, and acts with your own roles.\n`;
      context.print({ url, expires_in }, text);
    });
}
