import { readFile } from 'node:fs/promises';
import { StartError } from '@fit/service-kit/start-error';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { rollbackRequestSchema, weightRequestSchema } from '../admin-api/schemas.ts';
import type { ChangedRoute } from '../admin-api/schemas.ts';
import { AdminClient, HOW_TO_GET_A_TOKEN } from './admin-client.ts';
import type { Io } from './command-context.ts';
import { CommandError, EXIT, EXIT_HELP } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { addNginxCommands } from './nginx-commands.ts';
import { changeSentence, printable, routeTable } from './output.ts';

type GlobalOptions = { url: string; tokenFile?: string; json?: true };

/** Three parts of base64url (RFC 7515, section 7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const DEFAULT_URL = 'http://127.0.0.1:8081';

/** Runs one `edgectl` command. Never rejects for a reason that the user can mend. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommandError) {
      io.err(`edgectl: ${printable(error.message)}\n`);
      return error.code;
    }
    if (error instanceof StartError) {
      io.err(`edgectl: ${printable(error.message)}\n`);
      return EXIT.usage;
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
    .option('--token-file <file>', 'file with the bearer token (or the token itself in EDGE_ADMIN_TOKEN)')
    .option('--json', "print the server's answer as JSON")
    .addHelpText('after', EXIT_HELP)
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('See edgectl --help.')
    .exitOverride();

  const connect = async () => await clientFor(program.opts<GlobalOptions>(), io);
  const print = (value: object, text: string) =>
    io.out(program.opts<GlobalOptions>().json ? `${JSON.stringify(value, null, 2)}\n` : text);
  const printChange = (changed: ChangedRoute) => print(changed, changeSentence(changed));

  program
    .command('status')
    .description('every route: its phase, weight, revision and last change')
    .action(async () => {
      const routes = await (await connect()).listRoutes();
      print({ routes }, routeTable(routes, io.colour));
    });

  program
    .command('weight')
    .description("set the new side's share of a route's users")
    .argument('<route>')
    .argument('<percent>', '0 to 100 in steps of 0.01, with or without %', parsePercent)
    .requiredOption('--reason <text>', 'why, for the audit log', parseReason)
    .option('--revision <n>', 'the revision that you have seen (default: the current one)', parseRevision)
    .action(async (route: string, weight: number, options: { reason: string; revision?: number }) => {
      const client = await connect();
      const revision = options.revision ?? (await client.getRoute(route)).revision;
      printChange(await client.putWeight(route, { weight, reason: options.reason }, revision));
    });

  program
    .command('rollback')
    .description('send everybody back to the old side, whatever the revision')
    .argument('<route>')
    .requiredOption('--reason <text>', 'why, for the audit log', parseReason)
    .action(async (route: string, { reason }: { reason: string }) => {
      printChange(await (await connect()).rollback(route, { reason }));
    });

  addNginxCommands(program, { io, connect, print });
  return program;
}

async function clientFor({ url, tokenFile }: GlobalOptions, io: Io): Promise<AdminClient> {
  const token = tokenFile ? await readToken(tokenFile) : io.env['EDGE_ADMIN_TOKEN']?.trim();
  if (!token) throw new CommandError(EXIT.usage, `no token. Get one: ${HOW_TO_GET_A_TOKEN}`);
  if (!JWT.test(token)) throw new CommandError(EXIT.usage, `the token is not a JWT. Get one: ${HOW_TO_GET_A_TOKEN}`);
  // Commander does not parse a default, and EDGE_ADMIN_URL arrives as one.
  return new AdminClient({ url: parseUrl(url), token });
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CommandError(EXIT.usage, `the token file cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.username) {
    throw new CommandError(EXIT.usage, `the URL must be http(s)://host:port, received ${JSON.stringify(text)}`);
  }
  return url.origin;
}

function parsePercent(text: string): number {
  if (!/^\d+(\.\d+)?\s*%?$/.test(text)) throw new InvalidArgumentError('Must be a number from 0 to 100.');
  return parseBy(weightRequestSchema.shape.weight, Number.parseFloat(text));
}

function parseReason(text: string): string {
  return parseBy(rollbackRequestSchema.shape.reason, text);
}

function parseRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Must be a whole number.');
  return Number(text);
}

/** The same rule as the server's, before it is asked. */
function parseBy<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidArgumentError(`It ${result.error.issues[0]?.message}.`);
}
