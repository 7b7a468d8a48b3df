import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './running-stack.ts';

/** A process that was started as `npm start` and the images start it, with the module that may switch tracing on. */
export type TracedProcess = AsyncDisposable & {
  name: 'legacy-monolith' | 'coach-service' | 'edge-proxy';
  url: string;
  /** The edge's. */
  adminUrl: string | undefined;
  output: () => string;
  /** Ends it by SIGTERM. */
  stop: () => Promise<{ code: number | null }>;
};

export type TracedProcessOptions = {
  folder: TracedProcess['name'];
  env: Record<string, string>;
  /** Node's, before those that the process always has. */
  flags?: readonly string[];
};

/** Resolves once it listens. @throws Error with all that it said if it ends before */
export async function startTraced({ folder, env, flags = [] }: TracedProcessOptions): Promise<TracedProcess> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [...flags, '--import=@fit/tracing/register', `${folder}/src/main.ts`], {
    cwd: ROOT,
    env: { PATH, NODE_COMPILE_CACHE, PORT: '0', ADMIN_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null }));
  const listening = Promise.withResolvers<{ url: string; adminUrl?: string }>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const line = /^\{.*"msg":"listening".*\}$/m.exec(output)?.[0];
      if (line !== undefined) listening.resolve(JSON.parse(line) as { url: string });
    });
  }
  const started = await Promise.race([listening.promise, ended]);
  if ('code' in started) throw new Error(`${folder} ended with ${started.code}:\n${output}`);
  const stop = async () => {
    child.kill('SIGTERM');
    return await ended;
  };
  const { url, adminUrl } = started;
  return {
    name: folder,
    url,
    adminUrl,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
