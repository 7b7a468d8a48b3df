import { nearMisses, sayNearMiss } from '@fit/service-kit/near-miss';
import { StartError } from '@fit/service-kit/start-error';
import { Command, CommanderError } from 'commander';
import { AdminClient } from './admin-client.ts';
import { findToken } from './admin-token.ts';
import { parseUrl } from './arguments.ts';
import type { CommandContext, Io } from './command-context.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addChangeCommands } from './commands/change.ts';
import { addCohortCommand } from './commands/cohort.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDashboardCommand } from './commands/dashboard.ts';
import { addNginxCommands } from './commands/nginx.ts';
import { addExportCommands } from './commands/export.ts';
import { addMirrorCommands } from './commands/mirror.ts';
import { addRampCommands } from './commands/ramp.ts';
import { addReplicasCommand } from './commands/replicas.ts';
import { addRetireCommands } from './commands/retire.ts';
import { addStatusCommand } from './commands/status.ts';
import { addVerdictCommand } from './commands/verdict.ts';
import { CommandError, EXIT, EXIT_HELP } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { printable } from './printable.ts';

type GlobalOptions = { url: string; tokenFile?: string; json?: true };

/** What edgectl itself reads of the environment. */
const VARIABLES = ['EDGE_ADMIN_URL', 'EDGE_ADMIN_TOKEN', 'FIT_DATA_DIR'];

const DEFAULT_URL = 'http://127.0.0.1:8081';

/** In the order of the help. */
const COMMANDS = [
  addStatusCommand,
  addChangeCommands,
  addRampCommands,
  addVerdictCommand,
  addMirrorCommands,
  addRetireCommands,
  addAuditCommand,
  addCohortCommand,
  addReplicasCommand,
  addConfigCommands,
  addDashboardCommand,
  addNginxCommands,
  addExportCommands,
];

/** Runs one `edgectl` command. Never rejects for a reason that the user can mend. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  for (const miss of nearMisses(io.env, VARIABLES)) io.err(`edgectl: ${printable(sayNearMiss(miss))}\n`);
  try {
    await createProgram(io).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommandError || error instanceof StartError) {
      io.err(`edgectl: ${printable(error.message)}\n`);
      return error instanceof CommandError ? error.code : EXIT.usage;
    }
    // Commander has written its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

function createProgram(io: Io): Command {
  const program = new Command('edgectl')
    .description('Shows and moves the traffic of an edge proxy.')
    .option(
      '--url <url>',
      'admin listener of the edge (EDGE_ADMIN_URL)',
      parseUrl,
      io.env['EDGE_ADMIN_URL'] || DEFAULT_URL,
    )
    .option('--token-file <file>', 'file with the bearer token (or EDGE_ADMIN_TOKEN, or what npm start made)')
    .option('--json', 'print JSON instead of text')
    .addHelpText('afterAll', EXIT_HELP)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('See edgectl --help.')
    .exitOverride();

  const isJson = () => program.opts<GlobalOptions>().json === true;
  const context: CommandContext = {
    io,
    connect: async () => await clientFor(program.opts<GlobalOptions>(), io),
    print: (value, text) => io.out(isJson() ? `${JSON.stringify(value, null, 2)}\n` : text),
    isJson,
  };
  for (const addTo of COMMANDS) addTo(program, context);
  return program;
}

async function clientFor({ url: given, tokenFile }: GlobalOptions, { env }: Io): Promise<AdminClient> {
  // Commander does not parse a default, and EDGE_ADMIN_URL arrives as one.
  const url = parseUrl(given);
  return new AdminClient({ url, token: await findToken({ tokenFile, url, env }) });
}
