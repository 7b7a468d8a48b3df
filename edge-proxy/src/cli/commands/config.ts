import { relative } from 'node:path';
import type { Command } from 'commander';
import { readEnv } from '../../config/env.ts';
import { problemText } from '../../config/file-problem.ts';
import type { FileProblem } from '../../config/file-problem.ts';
import { RouteFileError, loadRouteFile } from '../../config/route-file.ts';
import type { RouteFile } from '../../config/route-file.ts';
import type { CommandContext } from '../command-context.ts';
import { routingDifferences } from '../routing-differences.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { printable } from '../printable.ts';

/** `edgectl config check` */
export function addConfigCommands(program: Command, context: CommandContext): void {
  program
    .command('config')
    .description('the route file of the edge')
    .command('check')
    .description('explain each problem of a route file, and where it and the running edge differ')
    .argument('[file]', 'default: EDGE_CONFIG, or edge-proxy/edge.config.yaml')
    .option('--offline', 'do not compare with the running edge')
    .action(async (given: string | undefined, { offline }: { offline?: true }) => {
      const { EDGE_CONFIG, variables } = readEnv(context.io.env);
      const file = given ?? nearPath(EDGE_CONFIG);
      const checked = check(file, variables);
      const notes = checked.routes && !offline ? await notesOn(checked.routes, context) : [];
      const { problems } = checked;
      context.print({ file, problems, notes }, checkText(file, problems, notes));
      if (problems.length > 0) throw new CommandError(EXIT.usage, `${file} cannot be used`);
    });
}

type Checked = { problems: readonly FileProblem[]; routes?: RouteFile };

function check(file: string, variables: Readonly<Record<string, string | undefined>>): Checked {
  try {
    return { problems: [], routes: loadRouteFile(file, variables) };
  } catch (error) {
    if (error instanceof RouteFileError) return { problems: error.problems };
    throw error;
  }
}

/** That there is no edge to compare with is no fault of the file. */
async function notesOn(file: RouteFile, { connect }: CommandContext): Promise<string[]> {
  try {
    return routingDifferences(file, await (await connect()).getRouting());
  } catch (error) {
    if (error instanceof CommandError) return [`Not compared with a running edge: ${error.message}`];
    throw error;
  }
}

function checkText(file: string, problems: readonly FileProblem[], notes: readonly string[]): string {
  const lines = [
    ...problems.map((problem) => problemText(file, problem)),
    ...(problems.length === 0 ? [`${file}: no problems`] : []),
    ...notes.map((note) => `note: ${note}`),
  ];
  return printable(`${lines.join('\n')}\n`);
}

/** Relative where that is shorter to read. */
function nearPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
