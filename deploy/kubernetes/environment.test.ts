import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describeWith } from '@fit/test-kit/components';
import { KUSTOMIZE } from '@fit/test-kit/kustomize';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { manifestsOf, named, variablesOf } from './test/manifests.ts';
import type { EnvVariable } from './test/manifests.ts';
import { endOf } from './test/wiring-rules.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** What stands for a value that comes from somewhere else. */
const REFERRED: Record<string, string> = {
  EDGE_ID: 'edge-proxy-5b6f7c9d8-x2x7q',
  TRUSTED_PROXIES: '10.244.0.0/16',
  REDIS_URL: 'rediss://fit:secret@redis.example:6379',
  DATABASE_URL: 'postgres://fit@postgres.example:5432/fit',
  DATABASE_PASSWORD_FILE: join(import.meta.dirname, 'README.md'),
  METRICS_TOKEN: 'a-token-of-sixteen-characters',
  WEBHOOK_URL: 'https://chat.example/hook',
  WEBHOOK_SECRET: 'a-secret-of-sixteen-characters',
};

function environmentOf(variables: readonly EnvVariable[]): NodeJS.ProcessEnv {
  return Object.fromEntries(variables.map(({ name, value }) => [name, REFERRED[name] ?? value]));
}

/** Names that a process reads, as its own sources call them. */
function namesReadBy(folder: string): Set<string> {
  const config = `${folder}/src/config`;
  const files = readdirSync(join(ROOT, config)).filter((name) => /^(?!.*\.test).*\.ts$/.test(name));
  const sources = [...files.map((name) => `${config}/${name}`), 'packages/service-kit/src/env.ts'].map(read).join('\n');
  return new Set([...sources.matchAll(/^\s*([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name!));
}

/** Starts a process with a port that cannot be, besides; what it says of its environment. */
async function complaintOf(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(ROOT, folder),
    env: { ...env, PORT: 'none' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return await text(child.stderr);
}

await describeWith(KUSTOMIZE, 'what the manifests tell our processes', (kustomize) => {
  const manifests = manifestsOf(kustomize(join(import.meta.dirname, 'overlays', 'local')));
  const processes = ['edge-proxy', 'coach-service', 'legacy-monolith'].map((name) => {
    const variables = variablesOf(named(manifests.workloads, name));
    // All at once, as starting takes the longest.
    return { name, variables, complaint: complaintOf(name, environmentOf(variables)) };
  });

  describe.each(processes)('$name', ({ name, variables, complaint }) => {
    test('reads every variable', () => {
      const known = namesReadBy(name);
      expect(variables.map((each) => each.name).filter((each) => !known.has(each))).toEqual([]);
    });

    test('takes every value', async () => {
      expect((await complaint).match(/^ {2}- .*/gm)).toEqual([expect.stringMatching(/^ {2}- PORT: /)]);
    });
  });

  test('nginx is told all that its template asks for, and nothing else', () => {
    const told = variablesOf(named(manifests.workloads, 'nginx')).map(({ name }) => name);
    const asked = [...read('nginx/templates/edge.conf.template').matchAll(/\$\{(NGINX_\w+)\}/g)].map(
      ([, name]) => name,
    );
    expect(new Set(told)).toEqual(new Set(asked));
  });

  test('nginx is told to try as often as it has lines', () => {
    const {
      NGINX_EDGES = '',
      NGINX_BACKUP = '',
      NGINX_TRIES,
    } = environmentOf(variablesOf(named(manifests.workloads, 'nginx')));
    expect(`${NGINX_EDGES}${NGINX_BACKUP}`.match(/\bserver /g)!.length).toBe(Number(NGINX_TRIES));
  });

  describe('the end of a pod', () => {
    /** Within so long everybody has heard that a pod that was told to end is no endpoint any more. */
    const ENDPOINT_GONE_SECONDS = 5;
    const drainSeconds =
      Number(
        /DRAIN_TIMEOUT_MS = ([\d_]+)/.exec(read('packages/service-kit/src/run-process.ts'))![1]!.replaceAll('_', ''),
      ) / 1000;
    const nginxSeconds = Number(/worker_shutdown_timeout (\d+)s/.exec(read('nginx/templates/edge.conf.template'))![1]);

    test.each([
      ['coach-service', drainSeconds],
      ['legacy-monolith', drainSeconds],
      ['nginx', nginxSeconds],
    ])('%s stops listening after all have heard, and is not killed before it has drained', (name, seconds) => {
      const { pauseSeconds, graceSeconds } = endOf(manifests, name);
      expect(pauseSeconds).toBeGreaterThanOrEqual(ENDPOINT_GONE_SECONDS);
      expect(graceSeconds).toBeGreaterThanOrEqual(pauseSeconds + seconds + 5);
    });

    test('an edge goes on listening as long, and leaves the rest of its drain to who is still waited for', () => {
      const { pauseSeconds, graceSeconds } = endOf(manifests, 'edge-proxy');
      const { DRAIN_DELAY_MS } = environmentOf(variablesOf(named(manifests.workloads, 'edge-proxy')));
      const { routes } = parse(read('edge-proxy/edge.config.yaml')) as { routes: { objectiveMs: number }[] };
      expect(pauseSeconds).toBe(0);
      expect(Number(DRAIN_DELAY_MS)).toBeGreaterThanOrEqual(ENDPOINT_GONE_SECONDS * 1000);
      const leftMs = drainSeconds * 1000 - Number(DRAIN_DELAY_MS);
      expect(leftMs).toBeGreaterThan(Math.max(...routes.map(({ objectiveMs }) => objectiveMs)));
      expect(graceSeconds).toBeGreaterThanOrEqual(drainSeconds + 5);
    });
  });
});
