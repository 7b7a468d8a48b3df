import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putDatabase } from '../legacy-monolith/test/support/database-template.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A folder for the state of one stack, and ports that were free a moment ago. */
export async function aPlaceToRun() {
  const dataDir = mkdtempSync(join(tmpdir(), 'stack-'));
  const [legacy, coach, edge, admin, nginx, nginxTls] = await freePorts(6);
  return {
    env: {
      FIT_DATA_DIR: dataDir,
      LEGACY_PORT: String(legacy),
      COACH_PORT: String(coach),
      EDGE_PORT: String(edge),
      ADMIN_PORT: String(admin),
      NGINX_PORT: String(nginx),
      NGINX_TLS_PORT: String(nginxTls),
      LEGACY_WOD_COST_MS: '0',
    },
    urls: {
      monolith: `http://127.0.0.1:${legacy}`,
      coach: `http://127.0.0.1:${coach}`,
      edge: `http://127.0.0.1:${edge}`,
      admin: `http://127.0.0.1:${admin}`,
    },
    nginx: {
      url: `http://127.0.0.1:${nginx}`,
      tlsUrl: `https://127.0.0.1:${nginxTls}`,
      folder: join(dataDir, 'nginx'),
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/**
 * One whose monolith finds a database with its catalogue instead of making one, for seconds of computing less. For tests of
 * what comes after a start; those of the start itself begin with nothing.
 */
export async function aPlaceWithDatabase(): Promise<Place> {
  const place = await aPlaceToRun();
  await putDatabase(join(place.env.FIT_DATA_DIR, 'legacy-monolith'), 'seeded');
  return place;
}

export type Place = Awaited<ReturnType<typeof aPlaceToRun>>;

/** On a machine that runs other tests too, neither coach nor monolith is to be given up because it takes its time. */
export function patientEnv({ env }: Place): Record<string, string> {
  const file = join(env.FIT_DATA_DIR, 'patient.yaml');
  const edge = join(ROOT, 'edge-proxy');
  const config = readFileSync(join(edge, 'edge.config.yaml'), 'utf8')
    .replace('firstByteTimeoutMs: 800', 'firstByteTimeoutMs: 10000')
    .replace('module: ./', `module: ${edge}/`);
  writeFileSync(file, config);
  return { EDGE_CONFIG: file, LEGACY_TIMEOUT_MS: '10000' };
}

/** A command in a terminal of its own, as a person runs it. */
export class Terminal {
  readonly #child: ChildProcess;
  #output = '';
  readonly #ended: Promise<{ code: number | null; output: string }>;

  constructor(command: string[], env: Record<string, string>) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      cwd: ROOT,
      env: cleanEnv(env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#ended = once(this.#child, 'close').then(([code]) => ({ code: code as number | null, output: this.#output }));
  }

  /** Resolves with all that was printed once it contains a text; rejects if the command ends before. */
  async printed(text: string): Promise<string> {
    return await this.printedTimes(text, 1);
  }

  async printedTimes(text: string, times: number): Promise<string> {
    const isThere = () => this.#output.split(text).length > times;
    while (!isThere()) {
      const ended = await Promise.race([this.#ended, once(this.#child.stdout!, 'data').then(() => undefined)]);
      if (ended && !isThere()) throw new Error(`it ended without ${JSON.stringify(text)}:\n${this.#output}`);
    }
    return this.#output;
  }

  /** Ctrl-C: the whole foreground group gets SIGINT, npm and shell included. */
  interrupt(): void {
    process.kill(-this.#child.pid!, 'SIGINT');
  }

  killGroup(): void {
    process.kill(-this.#child.pid!, 'SIGKILL');
  }

  async ended(): Promise<{ code: number | null; output: string }> {
    return await this.#ended;
  }
}

export async function run(
  command: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return await new Terminal(command, env).ended();
}

/** Whether anything still listens at an address. */
export async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    async (answer) => {
      await answer.body?.cancel();
      return true;
    },
    () => false,
  );
}

/** What the test runner put into its own environment is none of the stack's business. */
function cleanEnv(env: Record<string, string>): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _flags, ...own } = process.env;
  return { ...own, ...env };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
