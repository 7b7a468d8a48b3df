import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findCompose } from '../find-compose.ts';

const run = promisify(execFile);

/** Building every image takes minutes on a slow machine. */
const PATIENCE_MS = 20 * 60_000;

export type ComposeOptions = {
  /** Where docker-compose.yml is. */
  folder: string;
  /** Keeps its containers, networks and volumes apart from those of other projects. */
  project: string;
  env: Readonly<Record<string, string>>;
};

/** The compose file as one project. */
export class Compose {
  readonly #command = findCompose();
  readonly #options: ComposeOptions;

  /** @throws Error if neither is there, or no Docker daemon answers */
  constructor(options: ComposeOptions) {
    this.#options = options;
  }

  /** @returns what it printed. @throws Error with what it complained of */
  async run(...args: readonly string[]): Promise<string> {
    const { folder, project, env } = this.#options;
    const [file, ...first] = this.#command;
    try {
      const { stdout } = await run(file, [...first, '-p', project, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
        timeout: PATIENCE_MS,
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      const last = `${stdout ?? ''}${stderr ?? ''}`.trimEnd().split('\n').slice(-20).join('\n');
      throw new Error(`docker compose ${args.join(' ')} failed:\n${last}`, { cause: error });
    }
  }

  /** The health of each container that has one: `starting`, `healthy` or `unhealthy`. */
  async health(): Promise<Record<string, string>> {
    const ids = (await this.run('ps', '-q')).split('\n').filter((id) => id !== '');
    const format =
      '{{index .Config.Labels "com.docker.compose.service"}} {{if .State.Health}}{{.State.Health.Status}}{{end}}';
    const { stdout } = await run('docker', ['inspect', '--format', format, ...ids]);
    const pairs = stdout.split('\n').map((line) => line.split(' ') as [string, string?]);
    return Object.fromEntries(pairs.flatMap(([name, health]) => (health ? [[name, health]] : [])));
  }
}
