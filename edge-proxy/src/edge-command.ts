import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { EdgeEnv } from './config/env.ts';

/** The terminal, as far as the command needs one before the edge starts. */
export type Io = { out: (text: string) => void; err: (text: string) => void; env: NodeJS.ProcessEnv };

/** Start an edge in this environment, or end: help was printed (0), or what is wrong with the words given (2). */
export type EdgeCommand = { kind: 'start'; env: NodeJS.ProcessEnv } | { kind: 'done'; exitCode: 0 | 2 };

type Variable = Exclude<keyof EdgeEnv, 'variables' | 'limits'>;

/** Every variable that counts, as the help shows them; what has an option is shown there. */
const VARIABLES: Readonly<Record<Variable, string>> = {
  EDGE_CONFIG: '',
  PORT: '',
  ADMIN_PORT: '',
  DATA_DIR: '',
  HOST: 'address of the public listener (127.0.0.1; 0.0.0.0 for all)',
  ADMIN_HOST: 'address of the admin listener (127.0.0.1)',
  ADMIN_PUBLIC: 'tls-in-front or plain: needed for any other address than loopback',
  ADMIN_HOSTS: 'more names that operators may call it by (none)',
  ADMIN_TOKEN_FILE: 'file with a token of your own making for the admin API (none)',
  JWKS_URL: 'key set that verifies tokens of operators and testers',
  JWT_ISSUER: 'their iss (fit-monolith)',
  JWT_AUDIENCE: "a tester's aud (fit); an operator's is always edge-admin",
  TRUSTED_PROXIES: 'addresses and CIDR blocks whose X-Forwarded-For counts (none)',
  EDGE_ID: 'name of this edge in its log (edge-1)',
  REDIS_URL: 'store that several edges share; without it, a file in DATA_DIR (none)',
  REDIS_PREFIX: 'what the names of its keys begin with (strangler-edge)',
  WEBHOOK_URL: 'is told of what becomes of ramps (none)',
  WEBHOOK_SECRET: 'signs what it is told; at least 16 characters (none)',
  WEBHOOK_FORMAT: 'json, or slack (json)',
  FRONT_URL: 'https origin before the edges, whose certificate is watched (none)',
  LOG_LEVEL: 'fatal to trace, or silent (info)',
  METRICS_TOKEN: 'opens /metrics, here and where counters of upstreams are read (none)',
  FIT_REVISION: 'of the sources, as fit_build_info shows it (unknown)',
  LEGACY_URL: '${LEGACY_URL} in the file (http://127.0.0.1:3000)',
  COACH_URL: '${COACH_URL} in the file (http://127.0.0.1:3001)',
  MAX_HEADER_BYTES: 'bytes of a request line with its fields (16384)',
  MAX_HEADER_COUNT: 'fields of a request (100)',
  MAX_TARGET_BYTES: 'length of a request target (8192)',
  HEADER_TIMEOUT_MS: 'time for a head (10000)',
  REQUEST_TIMEOUT_MS: 'time for a whole request (300000)',
  BODY_IDLE_TIMEOUT_MS: 'longest silence within an upload (30000)',
  SEND_TIMEOUT_MS: 'longest time that a client may read nothing of its answer (30000)',
  KEEP_ALIVE_TIMEOUT_MS: 'a connection without a request is closed (65000)',
  MAX_REQUESTS_PER_CONNECTION: 'requests on one connection (10000)',
  MAX_UNANSWERED: 'requests of a connection that wait for answers (20)',
  MAX_CONNECTIONS: 'connections at the same time (16384)',
  MAX_IN_FLIGHT: 'requests at the same time (4096)',
  DRAIN_DELAY_MS: 'told to stop, it goes on listening for so long (500)',
};

const EXIT = { done: 0, usage: 2 } as const;

/** What the words after `edge` ask for. An option goes before the variable that means the same. */
export function readEdgeCommand(argv: readonly string[], io: Io): EdgeCommand {
  const program = createProgram(io);
  try {
    program.parse(argv, { from: 'user' });
    const chosen = program.opts<{ config?: string; port?: string; adminPort?: string; dataDir?: string }>();
    const env = {
      ...io.env,
      ...(chosen.config !== undefined && { EDGE_CONFIG: chosen.config }),
      ...(chosen.port !== undefined && { PORT: chosen.port }),
      ...(chosen.adminPort !== undefined && { ADMIN_PORT: chosen.adminPort }),
      ...(chosen.dataDir !== undefined && { DATA_DIR: chosen.dataDir }),
    };
    if (!env.EDGE_CONFIG) program.error("error: option '--config <file>' must name a route file, received nothing");
    return { kind: 'start', env };
  } catch (error) {
    // Commander has written its own message.
    if (error instanceof CommanderError)
      return { kind: 'done', exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage };
    throw error;
  }
}

function createProgram(io: Io): Command {
  return new Command('edge')
    .description('Runs an edge proxy: splits the routes of a file between two servers, passes everything else on.')
    .option('--config <file>', 'route file (EDGE_CONFIG)', parseText)
    .option('--port <n>', 'public port; 0 for any (PORT; default 8080)', parsePort)
    .option('--admin-port <n>', 'port for operators; 0 for any (ADMIN_PORT; default 8081)', parsePort)
    .option('--data-dir <dir>', 'folder for its state (DATA_DIR; default .data/edge-proxy)', parseText)
    .addHelpText('after', variablesHelp())
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('See edge --help.')
    .exitOverride();
}

function variablesHelp(): string {
  const listed = Object.entries(VARIABLES).filter(([, meaning]) => meaning !== '');
  const width = Math.max(...listed.map(([name]) => name.length));
  const lines = listed.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`);
  return `
Environment (an option goes before the variable that means the same):
${lines.join('')}  and every variable that the file names as \${NAME}, and OpenTelemetry's, such as
  OTEL_EXPORTER_OTLP_ENDPOINT, where traces go (docs/tracing.md)

Exit codes:
  0  ended by SIGTERM or Ctrl-C, open requests answered
  1  could not start: the file, the environment, a port or the folder; the reason is printed
  2  wrong usage
`;
}

function parsePort(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new InvalidArgumentError('Must be a whole number from 0 to 65535.');
}

function parseText(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Must not be empty.');
}
