import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dateIn } from '@fit/contracts/calendar';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import { ONE_ID, logsOf, playLogScene } from './log-scene.ts';
import type { Logs } from './log-scene.ts';
import { ROOT, Terminal, aPlaceToRun, answers, run } from './running-stack.ts';
import type { Place } from './running-stack.ts';

/** What a newcomer does with the README in hand, on real processes. */
let place: Place;
let stack: Terminal;
const MISSPELT = { FIT_DATA_DIRR: 'value-of-it', LEGACY_WOD_QUEU: 'value-of-it' };
beforeAll(async () => {
  place = await aPlaceToRun();
  stack = new Terminal(['npm', 'start'], { ...place.env, ...MISSPELT });
  await stack.printed('Stop: Ctrl-C');
}, 180_000);
afterAll(async () => {
  stack.interrupt();
  await stack.ended();
  place.remove();
}, 60_000);

const npmRun = (script: string, ...args: string[]) => run(['npm', 'run', '-s', script, '--', ...args], place.env);
const shell = (line: string) => run(['bash', '-c', line], { ...place.env, EDGE_ADMIN_URL: place.urls.admin });
const tokenFor = async (...args: string[]) => (await npmRun('token', ...args)).output.trim();
const everyUrl = ({ urls, nginx }: Place) => [...Object.values(urls), nginx.url];
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

describe('npm start', () => {
  test('prints where everything is, the demo accounts, and a curl line that works when pasted', async () => {
    const printed = await stack.printed('Stop: Ctrl-C');
    for (const url of Object.values(place.urls)) expect(printed).toContain(url);
    expect(printed).toContain('demo@fit.example');
    const line = /^ *(curl -s .*)$/m.exec(printed)![1]!;
    const { output } = await run(['bash', '-c', `cd / && ${line}`], place.env);
    expect(() => workoutOfTheDaySchema.parse(JSON.parse(output))).not.toThrow();
  }, 60_000);

  test('names a variable that nothing reads and the one that was meant, here and in the log of who would read it', async () => {
    const printed = await stack.printed('Stop: Ctrl-C');
    expect(printed).toContain('FIT_DATA_DIRR is set, but nothing reads it; was FIT_DATA_DIR meant?');
    expect(printed).toContain('LEGACY_WOD_QUEU is set, but nothing reads it; was LEGACY_WOD_QUEUE meant?');
    const { text, of } = await logsOf(place, () => true);
    expect(of['legacy-monolith']!.flatMap(({ variables }) => variables ?? [])).toEqual([
      { variable: 'LEGACY_WOD_QUEU', meant: 'LEGACY_WOD_QUEUE' },
    ]);
    expect(`${printed}${text}`).not.toContain('value-of-it');
  });

  test('says which port is taken, by whom, and how to choose another', async () => {
    const { code, output } = await run(['npm', 'start'], place.env);
    expect(code).toBe(1);
    expect(output).toMatch(
      /Port \d+ \(monolith\) is taken by process \d+ \(.*legacy-monolith.*\)\. Choose another one: LEGACY_PORT=\d+/,
    );
    for (const variable of ['COACH_PORT', 'EDGE_PORT', 'ADMIN_PORT']) expect(output).toContain(`${variable}=`);
    expect(await answers(`${place.urls.edge}/ready`)).toBe(true);
  }, 60_000);

  test('a second stack on the same data folder is refused and takes nothing from the first one', async () => {
    const elsewhere = await aPlaceToRun();
    const { code, output } = await run(['npm', 'start'], { ...elsewhere.env, FIT_DATA_DIR: place.env.FIT_DATA_DIR });
    expect(code).toBe(1);
    expect(output).toMatch(/is in use by process \d+; .* Choose another folder: FIT_DATA_DIR=/);
    expect(claimsOf(await tokenFor())).toMatchObject({ aud: 'fit' });
    elsewhere.remove();
  }, 60_000);

  test('names two port variables that are the same', async () => {
    const { code, output } = await run(['npm', 'start'], { ...place.env, ADMIN_PORT: place.env.EDGE_PORT });
    expect(code).toBe(1);
    expect(output).toContain('ADMIN_PORT must differ from EDGE_PORT');
  }, 60_000);

  test('names a port variable that is none', async () => {
    const { code, output } = await run(['npm', 'start'], { ...place.env, EDGE_PORT: '80800' });
    expect(code).toBe(1);
    expect(output).toContain('EDGE_PORT must be a port from 1 to 65535, received "80800"');
  }, 60_000);
});

describe('npm run token', () => {
  test('is a real one of the demo user', async () => {
    expect(claimsOf(await tokenFor())).toMatchObject({ iss: 'fit-monolith', aud: 'fit', roles: [] });
  });

  test('--role operator opens the admin API, --role tester does not', async () => {
    expect(claimsOf(await tokenFor('--role', 'operator'))).toMatchObject({ aud: 'edge-admin', roles: ['operator'] });
    expect(claimsOf(await tokenFor('--role', 'tester'))).toMatchObject({ aud: 'fit', roles: ['tester'] });
  });

  test('--expires sets its life', async () => {
    const { iat, exp } = claimsOf(await tokenFor('--expires', '90')) as { iat: number; exp: number };
    expect(exp - iat).toBe(90);
  });

  test.each([
    [['--role', 'king'], 2, '--role must be one of'],
    [['--expires', '-1'], 2, ''],
    [['--expires', 'soon'], 2, '--expires must be seconds'],
    [['--user', 'nobody@fit.example'], 1, 'nobody@fit.example could not log in (401)'],
    [['--url', 'http://127.0.0.1:1'], 1, 'Nothing answers at http://127.0.0.1:1'],
  ])('%j is refused with a reason', async (args, code, reason) => {
    const result = await npmRun('token', ...args);
    expect(result.code).toBe(code);
    expect(result.output).toContain(reason);
  });
});

describe('the path of a person who trains, and of an operator', () => {
  test('edgectl moves the traffic and takes it back', async () => {
    const token = await tokenFor();
    const servedBy = async () => {
      const answer = await fetch(`${place.urls.edge}/fitness/wod`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(200);
      workoutOfTheDaySchema.parse(await answer.json());
      return answer.headers.get('x-served-by');
    };
    const edgectl = (words: string) =>
      shell(`export EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator); npx edgectl ${words}`);
    expect(await servedBy()).toBe('legacy');
    expect(await edgectl('weight wod 100 --reason "everybody" --yes')).toMatchObject({ code: 0 });
    expect(await servedBy()).toBe('coach');
    expect((await edgectl('status')).output).toMatch(/wod\s.*full.*100/s);
    expect(await edgectl('rollback wod --reason "back"')).toMatchObject({ code: 0 });
    expect(await servedBy()).toBe('legacy');
  }, 60_000);

  test('what was trained is in the history at once, and yesterday has something', async () => {
    const headers = { authorization: `Bearer ${await tokenFor()}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ exercises: [{ exercise_id: 1, reps: 5 }] });
    const logged = await fetch(`${place.urls.edge}/fitness/workouts`, { method: 'POST', headers, body });
    expect(logged.status).toBe(201);
    const { performed_at } = (await logged.json()) as { performed_at: string };
    const today = dateIn('Europe/Berlin', new Date(performed_at));
    const history = await fetch(`${place.urls.edge}/fitness/history?date=${today}`, { headers });
    expect(await history.json()).toMatchObject({ date: today, exercise_ids: expect.arrayContaining([1]) });
  });

  test.each(['edge', 'monolith', 'coach'] as const)(
    '%s shows its health, and metrics where operators look',
    async (name) => {
      expect(await (await fetch(`${place.urls[name]}/health`)).json()).toMatchObject({
        status: 'up',
        readiness: 'ready',
      });
      const metricsAt = name === 'edge' ? place.urls.admin : place.urls[name];
      expect(await (await fetch(`${metricsAt}/metrics`)).text()).toContain('process_cpu_seconds_total');
    },
  );

  test("the monolith's metrics are not open to the world", async () => {
    expect((await fetch(`${place.urls.edge}/metrics`)).status).toBe(404);
  });
});

describe('the end', () => {
  test('what a supervisor leaves that goes during a start is nothing; Ctrl-C stops all, and a second start keeps the data', async () => {
    const elsewhere = await aPlaceToRun();
    const early = new Terminal(['npm', 'start'], elsewhere.env);
    await early.printed('Starting');
    early.killGroup();
    await early.ended();
    // What it had started holds ports and data until it notices, in the middle of its own start.
    const first = await startedAtLast(elsewhere);
    await run(
      ['bash', '-c', `EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator) npx edgectl weight wod 42 --reason kept`],
      {
        ...elsewhere.env,
        EDGE_ADMIN_URL: elsewhere.urls.admin,
      },
    );
    const keys = await (await fetch(`${elsewhere.urls.edge}/.well-known/jwks.json`)).text();
    first.interrupt();
    // No orphan.
    expect((await first.ended()).code).toBe(0);
    for (const url of everyUrl(elsewhere)) expect(await answers(url)).toBe(false);

    const second = new Terminal(['npm', 'start'], elsewhere.env);
    await second.printed('Stop: Ctrl-C');
    expect(await (await fetch(`${elsewhere.urls.edge}/.well-known/jwks.json`)).text()).toBe(keys);
    expect(await (await fetch(`${elsewhere.urls.admin}/metrics`)).text()).toMatch(
      /edge_route_weight_ratio\{[^}]*\} 0\.42/,
    );

    // However the supervisor goes, nothing that it started stays.
    second.killGroup();
    await second.ended();
    while ((await Promise.all(everyUrl(elsewhere).map(answers))).includes(true)) await delay(50);
    elsewhere.remove();
  }, 180_000);

  test('a service that crashes comes back', async () => {
    const { output } = await run(['npm', 'start'], place.env);
    const [, pid] = /\(coach\) is taken by process (\d+)/.exec(output)!;
    const tester = await tokenFor('--role', 'tester');
    process.kill(Number(pid), 'SIGKILL');
    const headers = { authorization: `Bearer ${tester}`, 'x-edge-prefer': 'coach', 'x-request-id': 'fell-back' };
    expect((await fetch(`${place.urls.edge}/fitness/wod`, { headers })).status).toBe(200);
    await stack.printed('coach-service ended unexpectedly, starting it again');
    await stack.printed('coach-service is ready again');
    expect(await answers(`${place.urls.coach}/ready`)).toBe(true);
  }, 60_000);

  test('the logs tell of each request by one id, and no secret of anybody', async () => {
    const tester = await tokenFor('--role', 'tester');
    const secrets = await playLogScene(place, tester, await tokenFor('--role', 'operator'));
    const processes = ['edge-proxy', 'coach-service', 'legacy-monolith'];
    const requests = (logs: Logs, process: string, id: string) =>
      (logs.of[process] ?? []).filter(({ msg, requestId }) => msg === 'request' && requestId === id);
    const hasRefused = ({ of }: Logs) => of['edge-proxy']!.some(({ msg }) => msg === 'admin request refused');
    const logs = await logsOf(
      place,
      (each) => hasRefused(each) && processes.every((process) => requests(each, process, ONE_ID).length > 0),
    );
    expect(requests(logs, 'edge-proxy', ONE_ID)).toMatchObject([{ route: 'wod', side: 'new', by: 'preference' }]);
    expect(requests(logs, 'coach-service', ONE_ID)).toMatchObject([{ route: '/fitness/wod', status: 200 }]);
    expect(requests(logs, 'legacy-monolith', ONE_ID)).toContainEqual(
      expect.objectContaining({ route: '/fitness/history' }),
    );
    expect(requests(logs, 'edge-proxy', 'fell-back')).toMatchObject([{ level: 'warn', fallback: expect.any(String) }]);
    if (await answers(place.nginx.url)) {
      expect(logs.of['nginx-access']).toContainEqual(expect.objectContaining({ request_id: ONE_ID, status: 200 }));
    }
    for (const secret of secrets) expect(linesWith(logs, secret)).toEqual([]);
    expect(logs.text).not.toMatch(/[\w.]+@[\w-]+\.example/);
    // Nothing happened that a person has to act on.
    expect(
      Object.values(logs.of)
        .flat()
        .filter(({ level }) => ['error', 'fatal'].includes(String(level))),
    ).toEqual([]);
  }, 60_000);

  test('a service that cannot start ends the stack, with its last words', async () => {
    const elsewhere = await aPlaceToRun();
    const broken = await run(['npm', 'start'], { ...elsewhere.env, LEGACY_WOD_COST_MS: 'much' });
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('LEGACY_WOD_COST_MS');
    for (const url of Object.values(elsewhere.urls)) expect(await answers(url)).toBe(false);
    elsewhere.remove();
  }, 60_000);
});

test('npm run help lists every script', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const { output } = await npmRun('help');
  const names = Object.keys(scripts).filter((name) => !['start', 'test'].includes(name));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(output).toContain(`npm run ${name}`);
});

const linesWith = ({ text }: Logs, secret: string) => text.split('\n').filter((line) => line.includes(secret));

/** A stack that runs, started again as often as something still holds its place. */
async function startedAtLast({ env }: Place): Promise<Terminal> {
  for (;;) {
    const stack = new Terminal(['npm', 'start'], env);
    const isUp = await stack.printed('Stop: Ctrl-C').then(
      () => true,
      () => false,
    );
    if (isUp) return stack;
  }
}
