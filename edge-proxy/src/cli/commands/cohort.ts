import type { Command } from 'commander';
import type { Cohort } from '../../admin-api/schemas.ts';
import type { AdminClient } from '../admin-client.ts';
import { parsePercent, parseUser } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { percentText } from '../printable.ts';
import { renderTable } from '../table.ts';
import type { Column } from '../table.ts';

const COLUMNS: readonly Column<Cohort>[] = [
  { header: 'ROUTE', cell: ({ route }) => route },
  { header: 'KEY', cell: ({ key }) => `${key.from} ${key.name}`, yields: 1 },
  { header: 'AT WEIGHT', cell: ({ weight }) => percentText(weight) },
  { header: 'SIDE', cell: ({ side, upstream }) => `${side}, ${upstream}` },
  { header: 'ON THE NEW SIDE', cell: ({ new_from }) => `from ${percentText(new_from)}` },
];

type CohortOptions = { user: string; weight?: number };

/** `edgectl cohort` */
export function addCohortCommand(program: Command, context: CommandContext): void {
  program
    .command('cohort')
    .description('which side a user is on, now and at any weight')
    .argument('[route]', 'on this route only')
    .requiredOption('--user <id>', 'the key of the user: sub of the token, or what the route is split by', parseUser)
    .option('--weight <percent>', 'at this weight (default: the one in force)', parsePercent)
    .action(async (route: string | undefined, options: CohortOptions) => {
      const cohorts = await cohortsOf(await context.connect(), route, options);
      const value = route === undefined ? { cohorts } : cohorts[0]!;
      context.print(value, renderTable(COLUMNS, cohorts, context.io));
    });
}

async function cohortsOf(client: AdminClient, route: string | undefined, { user, weight }: CohortOptions) {
  const routes = route === undefined ? (await client.listRoutes()).map((view) => view.route) : [route];
  return await Promise.all(routes.map(async (each) => await client.getCohort(each, user, weight)));
}
