import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@fit/test-kit/free-port';

export type PrometheusOptions = {
  configFile: string;
  /** For what it keeps. */
  folder: string;
  /** For how long a sample counts, as Prometheus writes durations. */
  lookback: string;
};

export type FiringAlert = { labels: Record<string, string>; annotations: Record<string, string>; state: string };
export type Sample = { metric: Record<string, string>; value: [number, string] };

/** A real Prometheus, until it is disposed of. */
export type PrometheusServer = AsyncDisposable & {
  url: string;
  /** Those that fire. */
  firing: () => Promise<FiringAlert[]>;
  /** @throws Error with what Prometheus says of an expression that it cannot evaluate */
  query: (expr: string) => Promise<Sample[]>;
  /** Of all metrics that it has. */
  names: () => Promise<string[]>;
};

/** Resolves when it is ready. @throws Error with what it wrote if it ends instead */
export async function startPrometheus({ configFile, folder, lookback }: PrometheusOptions): Promise<PrometheusServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    'config.file': configFile,
    'storage.tsdb.path': folder,
    'web.listen-address': `127.0.0.1:${port}`,
    'query.lookback-delta': lookback,
    'log.level': 'error',
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  while (!(await isOk(`${url}/-/ready`))) {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}:\n${output}`);
    await delay(20);
  }
  return {
    url,
    firing: async () => {
      const { alerts } = (await ask(`${url}/api/v1/alerts`)) as { alerts: FiringAlert[] };
      return alerts.filter(({ state }) => state === 'firing');
    },
    query: async (expr) => {
      const { result } = (await ask(`${url}/api/v1/query`, { query: expr })) as { result: Sample[] };
      return result;
    },
    names: async () => (await ask(`${url}/api/v1/label/__name__/values`)) as string[],
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function isOk(url: string): Promise<boolean> {
  return await fetch(url).then(
    async ({ ok, body }) => {
      await body?.cancel();
      return ok;
    },
    () => false,
  );
}

async function ask(url: string, form?: Record<string, string>): Promise<unknown> {
  const answer = await fetch(url, form && { method: 'POST', body: new URLSearchParams(form) });
  const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
  if (error !== undefined) throw new Error(`${error}: ${form?.['query']}`);
  return data;
}
