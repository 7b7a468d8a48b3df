import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A line of its log, as far as tests look at it. */
export type LogLine = {
  level: string;
  msg: string;
  url?: string;
  adminUrl?: string;
  err?: { message: string };
  why?: string;
  [field: string]: unknown;
};

export type WholeEdgeOptions = {
  id: string;
  dataDir: string;
  routeFile: string;
  tokenFile: string;
  /** Without it the store is a file in `dataDir`. */
  redisUrl?: string | undefined;
  env?: Record<string, string>;
  /** A shell command that comes before it, in the same process: `ulimit -f 16`. */
  before?: string;
};

/** An edge in a process of its own. Started again it has the same folder, and listens on the same ports. */
export class WholeEdge {
  readonly id: string;
  readonly #options: WholeEdgeOptions;
  readonly #log: LogLine[] = [];
  #process: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  #standardError = '';
  #ports = { PORT: '0', ADMIN_PORT: '0' };

  constructor(options: WholeEdgeOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.PORT}`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.#ports.ADMIN_PORT}`;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** All that it logged, of every start. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** Resolves when it serves. @throws Error with what it wrote if it ends instead */
  async start(): Promise<void> {
    const { before = ':' } = this.#options;
    const from = this.#log.length;
    const started = spawn('sh', ['-c', `${before}; exec "$0" "$@"`, process.execPath, MAIN], {
      env: { ...this.#environment(), ...this.#ports },
      // It ends with whoever started it.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process = started;
    this.#standardError = '';
    started.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#standardError += text));
    this.#ended = once(started, 'close').then(([code]) => code as number | null);
    const listening = Promise.withResolvers<LogLine>();
    createInterface({ input: started.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as LogLine;
      this.#log.push(line);
      if (line.msg === 'listening') listening.resolve(line);
    });
    const first = await Promise.race([listening.promise, this.#ended]);
    if (first === null || typeof first === 'number') {
      const logged = this.#log.slice(from).map((line) => JSON.stringify(line));
      throw new Error(`${this.id} ended with ${first}:\n${this.#standardError}${logged.join('\n')}`);
    }
    this.#ports = { PORT: new URL(first.url!).port, ADMIN_PORT: new URL(first.adminUrl!).port };
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Drains and ends. @returns its exit code */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return await this.#ended;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  #environment(): Record<string, string> {
    const { id, dataDir, routeFile, tokenFile, redisUrl, env } = this.#options;
    return {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      EDGE_ID: id,
      DATA_DIR: dataDir,
      EDGE_CONFIG: routeFile,
      ADMIN_TOKEN_FILE: tokenFile,
      DRAIN_DELAY_MS: '0',
      // Nobody is there: the local token needs no keys.
      JWKS_URL: 'http://127.0.0.1:9/jwks.json',
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
      ...env,
    };
  }
}
