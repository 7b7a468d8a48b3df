import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const PRELOADED = ['--expose-gc', '--import', new URL('memory-in-use.ts', import.meta.url).href];
const KEPT_LOG_LINES = 60;
const START_BOUND_MS = 60_000;
const STOP_BOUND_MS = 30_000;

/** The edge as the process that it is in production, watched through /proc. */
export type EdgeProcess = {
  pid: number;
  port: number;
  url: string;
  adminUrl: string;
  /** How the process ended, once it has. */
  exited: Promise<string>;
  isAlive: () => boolean;
  /** The last lines that it wrote. */
  lastWords: () => string;
  /** Lines of its log at ERROR or above. */
  errors: readonly string[];
  residentBytes: () => number;
  /** Heap and buffers in use, all garbage collected. */
  bytesInUse: () => Promise<number>;
  openDescriptors: () => number;
  /** SIGTERM; resolves with how it ended, after SIGKILL if need be. */
  stop: () => Promise<string>;
};

/** @param routeFile what the route file holds; @param env beside ports and folders */
export async function startEdgeProcess(routeFile: object, env: Record<string, string> = {}): Promise<EdgeProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-process-'));
  await writeFile(join(folder, 'edge.config.json'), JSON.stringify(routeFile));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...PRELOADED, MAIN], {
    env: {
      PORT: '0',
      ADMIN_PORT: '0',
      DATA_DIR: join(folder, 'data'),
      EDGE_CONFIG: join(folder, 'edge.config.json'),
      ...env,
    },
    // It ends with whoever started it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = new LogTail();
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => log.add(text));
  const exited = once(child, 'exit').then(async ([code, signal]) => {
    await rm(folder, { recursive: true, force: true });
    return code === null ? `ended by ${String(signal)}` : `exit code ${String(code)}`;
  });
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const { url, adminUrl } = await log.listening(exited);
  const pid = child.pid!;
  return {
    pid,
    port: Number(new URL(url).port),
    url,
    adminUrl,
    exited,
    isAlive,
    lastWords: () => log.lines.slice(-5).join('\n'),
    errors: log.errors,
    residentBytes: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    bytesInUse: async () => {
      child.send('memory in use');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    },
    openDescriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    stop: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_BOUND_MS);
      if (isAlive()) child.kill('SIGTERM');
      const how = await exited;
      clearTimeout(late);
      return how;
    },
  };
}

/** The end of a log, and the one line in it that says where the edge listens. */
class LogTail {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  #unfinished = '';
  readonly #found = Promise.withResolvers<{ url: string; adminUrl: string }>();

  add(text: string): void {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('"msg":"listening"'))
        this.#found.resolve(JSON.parse(line) as { url: string; adminUrl: string });
      if (/"level":"(error|fatal)"/.test(line)) this.errors.push(line);
    }
    this.lines.push(...lines.slice(-KEPT_LOG_LINES));
    if (this.lines.length > 2 * KEPT_LOG_LINES) this.lines.splice(0, this.lines.length - KEPT_LOG_LINES);
  }

  async listening(exited: Promise<string>): Promise<{ url: string; adminUrl: string }> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`it does not listen after ${START_BOUND_MS} ms`)),
      START_BOUND_MS,
    );
    const early = exited.then((how): never => {
      throw new Error(`the edge did not start: ${how}\n${this.lines.join('\n')}${this.#unfinished}`);
    });
    try {
      return await Promise.race([this.#found.promise, early, late.promise]);
    } finally {
      clearTimeout(timer);
      early.catch(() => undefined);
    }
  }
}
