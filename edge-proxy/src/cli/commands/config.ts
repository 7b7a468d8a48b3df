import { relative } from 'node:path';
import type { Command } from 'commander';
import { readEnv } from '../../config/env.ts';
import { problemText, shownValue } from '../../config/file-problem.ts';
import type { FileProblem } from '../../config/file-problem.ts';
import { RouteFileError, loadSourcedRouteFile } from '../../config/route-file.ts';
import type { SourcedRouteFile } from '../../config/route-file.ts';
import { ComparatorError, loadComparators } from '../../parity/load-comparators.ts';
import type { CommandContext } from '../command-context.ts';
import { COMPARED, routingDifferences } from '../routing-differences.ts';
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
      const checked = await check(file, variables);
      const { comparedWith, notes } =
        checked.sourced && !offline ? await compare(checked.sourced, context) : NOT_COMPARED;
      const { problems } = checked;
      context.print({ file, problems, comparedWith, notes }, checkText({ file, problems, comparedWith, notes }));
      if (problems.length > 0) throw new CommandError(EXIT.usage, `${file} cannot be used`);
    });
}

type Checked = { problems: readonly FileProblem[]; sourced?: SourcedRouteFile };
/** `comparedWith`: the URL of the edge; null if there was none to compare with. */
type Compared = { comparedWith: string | null; notes: readonly string[] };

const NOT_COMPARED: Compared = { comparedWith: null, notes: [] };

async function check(file: string, variables: Readonly<Record<string, string | undefined>>): Promise<Checked> {
  try {
    const sourced = loadSourcedRouteFile(file, variables);
    return { problems: await comparatorProblems(file, sourced), sourced };
  } catch (error) {
    if (error instanceof RouteFileError) return { problems: error.problems };
    throw error;
  }
}

/** Comparators are loaded as the edge loads them. */
async function comparatorProblems(file: string, { routes: { routes }, positionAt }: SourcedRouteFile) {
  try {
    await loadComparators(file, routes);
    return [];
  } catch (error) {
    if (!(error instanceof ComparatorError)) throw error;
    return error.problems.map(({ route, rule }): FileProblem => {
      const at = routes.findIndex(({ name }) => name === route);
      const value = shownValue(routes[at]?.compare.module);
      const path = ['routes', at, 'compare', 'module'];
      return { ...positionAt(path), field: path.join('.'), rule, value, advice: null };
    });
  }
}

/** That there is no edge to compare with is no fault of the file. */
async function compare(file: SourcedRouteFile, { connect }: CommandContext): Promise<Compared> {
  try {
    const client = await connect();
    return { comparedWith: client.url, notes: routingDifferences(file, await client.getRouting()) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { comparedWith: null, notes: [`Not compared with a running edge: ${error.message}`] };
  }
}

type CheckReport = Compared & { file: string; problems: readonly FileProblem[] };

function checkText({ file, problems, comparedWith, notes }: CheckReport): string {
  const lines = [
    ...problems.map((problem) => problemText(file, problem)),
    ...(problems.length === 0 ? [`${file}: no problems`] : []),
    ...(comparedWith === null ? [] : [`compared with the edge at ${comparedWith}: ${COMPARED}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
  return printable(`${lines.join('\n')}\n`);
}

/** Relative where that is shorter to read. */
function nearPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
