import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent as HttpAgent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { listen } from './http-server.ts';

/** A service that answers `/` at once and `/slow` when its parent says so. */
const SERVICE = `
  import { listen } from '${moduleUrl('http-server.ts')}';
  import { createLogger } from '${moduleUrl('logger.ts')}';
  import { Readiness } from '${moduleUrl('readiness.ts')}';
  import { runProcess } from '${moduleUrl('run-process.ts')}';
  let server;
  await runProcess(async () => {
    server = await listen((req, res) => {
      if (req.url !== '/slow') return res.end('done');
      process.send('slow request arrived');
      process.once('message', () => res.end('done'));
    }, { host: '127.0.0.1', port: Number(process.env.PORT) });
    return { logger: createLogger('test', 'info'), readiness: new Readiness(), close: server.close };
  });
  process.send(server.url);
`;

const BAD_ENVIRONMENT = `
  import { EnvError } from '${moduleUrl('env.ts')}';
  import { runProcess } from '${moduleUrl('run-process.ts')}';
  await runProcess(async () => { throw new EnvError(['PORT: is wrong', 'HOST: is wrong']); });
`;

const THROWS_LATER = `
  import { createLogger } from '${moduleUrl('logger.ts')}';
  import { Readiness } from '${moduleUrl('readiness.ts')}';
  import { runProcess } from '${moduleUrl('run-process.ts')}';
  await runProcess(async () => ({ logger: createLogger('test', 'info'), readiness: new Readiness(), close: async () => {} }));
  Promise.reject(new Error('nobody caught this'));
`;

/** Says `starting`, is told to go on, and says each time that it reloads, if it can. */
const startingThenReloads = (reload: string) => `
  import { once } from 'node:events';
  import { createLogger } from '${moduleUrl('logger.ts')}';
  import { Readiness } from '${moduleUrl('readiness.ts')}';
  import { runProcess } from '${moduleUrl('run-process.ts')}';
  await runProcess(async () => {
    process.send('starting');
    await once(process, 'message');
    return { logger: createLogger('test', 'info'), readiness: new Readiness(), close: async () => {}, ${reload} };
  });
`;

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

describe('a process that is told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s exits 0', async (signal) => {
    const { child } = await startService();
    child.kill(signal);
    expect(await exitOf(child)).toBe(0);
  });

  test('by the end of its supervisor exits 0', async () => {
    const { child } = await startService();
    child.disconnect();
    expect(await exitOf(child)).toBe(0);
  });

  test('answers what was under way, then ends, though the client keeps its connection', async () => {
    const { child, url } = await startService();
    const agent = new HttpAgent({ keepAlive: true });
    const answer = new Promise<IncomingMessage>((resolve) => get(`${url}/slow`, { agent }, resolve));
    expect(await messageFrom(child)).toBe('slow request arrived');
    const log = outputOf(child.stdout);
    child.kill('SIGTERM');
    child.send('answer now');
    expect(await text(await answer)).toBe('done');
    expect(await exitOf(child)).toBe(0);
    expect(await log).toContain('"msg":"stopped"');
    agent.destroy();
  });

  test('ends though a connection never sent a request', async () => {
    const { child, url } = await startService();
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    silent.on('error', () => {});
    await once(silent, 'connect');
    // A request after it: the server has seen the silent one.
    await new Promise<IncomingMessage>((resolve) => get(url, resolve).end()).then((answer) => answer.resume());
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
  });
});

describe('a start that fails', () => {
  test('for the environment prints every problem, no stack, and exits 1', async () => {
    expect(await failureOf(BAD_ENVIRONMENT)).toEqual({
      code: 1,
      errors: 'The environment cannot be used:\n  - PORT: is wrong\n  - HOST: is wrong\n',
    });
  });

  test('for a taken port says which and how to choose another', async () => {
    const taken = await listen((_req, res) => void res.end(), { host: '127.0.0.1', port: 0 });
    const { port } = new URL(taken.url);
    expect(await failureOf(SERVICE, { PORT: port })).toEqual({
      code: 1,
      errors: `127.0.0.1:${port} is taken by another process; choose another with PORT\n`,
    });
    await taken.close();
  });
});

describe('SIGHUP during the start', () => {
  const startHungUp = async (reload: string) => {
    const child = start(startingThenReloads(reload));
    expect(await messageFrom(child)).toBe('starting');
    child.kill('SIGHUP');
    return child;
  };

  test('is obeyed after it', async () => {
    const child = await startHungUp(`reload: async () => process.send('reloaded')`);
    const reloaded = messageFrom(child);
    child.send('go on');
    expect(await reloaded).toBe('reloaded');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
  });

  test('ends a process that cannot reload', async () => {
    const child = await startHungUp('');
    child.send('go on');
    expect(await exitOf(child)).toBe(0);
  });
});

test('an error that nobody caught is logged as fatal and ends the process with 1', async () => {
  const child = start(THROWS_LATER);
  const log = outputOf(child.stdout);
  expect(await exitOf(child)).toBe(1);
  expect(await log).toMatch(/"level":"fatal".*nobody caught this/);
});

function moduleUrl(file: string): string {
  return new URL(file, import.meta.url).href;
}

function start(code: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, PORT: '0', NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  return child;
}

async function startService() {
  const child = start(SERVICE);
  return { child, url: await messageFrom(child) };
}

async function messageFrom(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, 'message')) as [string];
  return message;
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function outputOf(stream: Readable | null): Promise<string> {
  return stream ? await text(stream) : '';
}

async function failureOf(code: string, env?: Record<string, string>) {
  const child = start(code, env);
  const errors = outputOf(child.stderr);
  return { code: await exitOf(child), errors: await errors };
}
