import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { yesterdayIn } from '@fit/contracts/calendar';
import { published } from '../src/import/published-exercise.fixture.ts';
import { createDataDir } from './support/databases.ts';
import { Client, PASSWORD } from './support/monolith.ts';

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

let dataDir: string;

function start(script: string, args: string[], env: Record<string, string>) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return spawn(process.execPath, [source(script), ...args], {
    env: { PATH, NODE_COMPILE_CACHE, DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(script: string, args: string[] = [], env: Record<string, string> = {}) {
  const child = start(script, args, env);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, stdout, stderr };
}

/** A monolith of its own process; `exited` resolves with its exit code. */
async function startProcess() {
  const child = start('main.ts', [], { PORT: '0', SEED_DEMO: '1', LEGACY_WOD_COST_MS: '0' });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url) {
      child.stdout.resume();
      return { child, exited, client: (token?: string) => new Client(url, token) };
    }
  }
  throw new Error(`The monolith did not start: ${await text(child.stderr)}`);
}

type Process = Awaited<ReturnType<typeof startProcess>>;

async function logIn({ client }: Process, email: string, password: string): Promise<string> {
  const { body } = await client().post('/auth/login', { email, password });
  return body.access_token as string;
}

beforeAll(async () => {
  dataDir = await createDataDir();
});
afterAll(async () => await rm(dataDir, { recursive: true }));

describe('the process', () => {
  test('keeps its data over SIGKILL and SIGTERM, refuses a second owner, and gives the folder back', async () => {
    const first = await startProcess();
    const demoToken = await logIn(first, 'demo@fit.example', 'demo-password');
    const demo = first.client(demoToken);
    const yesterday = `/fitness/history?date=${yesterdayIn('Europe/Berlin', new Date())}`;
    const trained = (await demo.get(yesterday)).body.exercise_ids as number[];
    expect(trained.length).toBeGreaterThan(0);
    await first.client().post('/auth/register', { email: 'kept@fit.example', password: PASSWORD });

    const second = await run('main.ts', [], { PORT: '0' });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use by process \d+/) });
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    const command = await run('cli/rotate-key.ts');
    expect(command).toMatchObject({ code: 1, stderr: expect.stringMatching(/Stop the monolith first/) });

    first.child.kill('SIGKILL');
    await first.exited;
    const again = await startProcess();
    const kept = again.client(await logIn(again, 'kept@fit.example', PASSWORD));
    expect((await kept.get('/fitness/wod')).status).toBe(200);
    // The signing key is the old one too, and yesterday was not doubled.
    const stillDemo = again.client(demoToken);
    expect((await stillDemo.get(yesterday)).body.exercise_ids).toEqual(trained);

    again.child.kill('SIGTERM');
    expect(await again.exited).toBe(0);
    expect(await run('cli/rotate-key.ts')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^key \S+ signs from /),
    });
  }, 90_000);

  test('commands say in a line what is wrong', async () => {
    const file = join(dataDir, 'exercises.json');
    const badFile = join(dataDir, 'bad.json');
    const noJson = join(dataDir, 'no.json');
    await writeFile(file, JSON.stringify([published(1), published(2)]));
    await writeFile(
      badFile,
      JSON.stringify([published(1), ...Array.from({ length: 60 }, () => ({ ...published(2), level: 'x' }))]),
    );
    await writeFile(noJson, '{');

    const [noFile, missing, broken, bad, noRole] = await Promise.all([
      run('cli/import-exercises.ts'),
      run('cli/import-exercises.ts', ['nowhere.json']),
      run('cli/import-exercises.ts', [noJson]),
      run('cli/import-exercises.ts', [badFile]),
      run('cli/grant-role.ts', ['kept@fit.example', 'root']),
    ]);
    expect(noFile).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Usage: /) });
    expect(missing).toMatchObject({ code: 1, stderr: 'nowhere.json cannot be read: there is no such file\n' });
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/is not JSON/) });
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/nothing was imported:\n {2}\[1\] "Exercise 2" level: /);
    expect(bad.stderr).toMatch(/… and \d+ more\n$/);
    expect(noRole).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Usage: /) });

    expect(await run('cli/import-exercises.ts', [file])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/2 exercises: 2 added, 0 updated, 0 unchanged\n$/),
    });
    expect(await run('cli/grant-role.ts', ['nobody@fit.example', 'viewer'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no account/),
    });
    expect(await run('cli/grant-role.ts', ['kept@fit.example', 'viewer'])).toMatchObject({ code: 0 });
  }, 90_000);

  test('a database that cannot be reached stops the start, in a line without its password', async () => {
    const { code, stderr } = await run('main.ts', [], { DATABASE_URL: 'postgres://fit:secret@127.0.0.1:1/fit' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The database 127.0.0.1:1/fit cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });

  test('an environment that cannot be used stops the start, with every problem', async () => {
    const { code, stderr } = await run('main.ts', [], { PORT: 'x', LEGACY_WOD_WORKERS: '0' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/PORT[^]*LEGACY_WOD_WORKERS/);
    expect(stderr).not.toMatch(/ at /);
  });
});
