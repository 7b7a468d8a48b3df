import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { concurrentTestWith, describeWith, testWith } from '@fit/test-kit/components';
import { startAdminApi } from '../loadtest/runner/admin-api.fixture.ts';
import { nginx } from '../nginx/test/nginx-component.ts';
import { nginxAndRedis, startEdgesBehindNginx } from './edges-behind-nginx.ts';
import { Terminal, aPlaceWithDatabase, patientEnv, run } from './running-stack.ts';
import type { Place } from './running-stack.ts';

const k6 = {
  name: 'k6',
  find: () =>
    spawnSync('k6', ['version']).error
      ? { available: false as const, reason: 'k6 is not on PATH (go install go.k6.io/k6@v1.8.1)' }
      : { available: true as const, value: undefined },
};
/** `npm run load -- …` without npm, so that the exit code after Ctrl-C is the runner's. */
const load = (line: string): string[] => [
  process.execPath,
  'scripts/with-node-24.mjs',
  'loadtest/runner/main.ts',
  ...line.split(' '),
];

/** Seven workouts a second: a hundred people at once wait longer than the objective allows. */
const SLOW_LEGACY = { LEGACY_WOD_COST_MS: '900', LEGACY_WOD_WORKERS: '10' };

const TAKEN_OVER =
  /: somebody else changed the weight to 0 % \(revision 5, by olga@fit\.example\); it stays as it is\n$/;

test('without k6 there is one line that says how to get it, before anything else', async () => {
  const { code, output } = await run(load('smoke'), { PATH: '/nowhere', FIT_DATA_DIR: '/nowhere' });
  expect(output).toMatch(/^k6 is not on PATH\. Get it: go install go\.k6\.io\/k6@v[\d.]+, or a release .*\n$/);
  expect(code).toBe(2);
});

const front = { name: nginx.name, finding: await nginx.find() };
const fleet = { name: nginxAndRedis.name, finding: await nginxAndRedis.find() };
const fullDisk = {
  name: '/dev/full',
  finding: existsSync('/dev/full')
    ? { available: true as const, value: undefined }
    : { available: false as const, reason: 'only Linux has it' },
};

await describeWith(k6, 'a load test', () => {
  let place: Place;
  let stack: Terminal;
  const runLoad = async (line: string) => await run(load(line), place.env);
  const weightInForce = async () => {
    const { output } = await run(['npm', 'run', '-s', 'token', '--', '--role', 'operator'], place.env);
    const headers = { authorization: `Bearer ${output.trim().split('\n').at(-1)}` };
    const answer = await fetch(`${place.urls.admin}/admin/v1/routes/wod`, { headers });
    return ((await answer.json()) as { weight: number }).weight;
  };

  beforeAll(async () => {
    place = await aPlaceWithDatabase();
    stack = new Terminal(['npm', 'start'], { ...place.env, ...SLOW_LEGACY, ...patientEnv(place) });
    await stack.printed('Stop: Ctrl-C');
  }, 90_000);
  afterAll(async () => {
    stack.interrupt();
    await stack.ended();
    place.remove();
  }, 60_000);

  test('smoke passes on the whole stack, and a second run needs no new logins', async () => {
    // Whatever K6_… somebody has set would be another load.
    const first = await run(load('smoke --users 120 --weight 100'), { ...place.env, K6_VUS: '1', K6_DURATION: '1s' });
    expect(first.output).toMatch(/Logging in 120 people[^]*\n\s+requests to the coach\s+100 %\n[^]*smoke passed\./);
    expect(figure(first.output, 'requests')).toBe(30);
    expect(figure(first.output, 'people')).toBeGreaterThanOrEqual(3);
    expect(first.code).toBe(0);
    const second = await runLoad('smoke --users 120 --weight 100');
    expect(second.output).toContain('120 people logged in by an earlier run');
    expect(second.code).toBe(0);
    expect(await weightInForce()).toBe(0);
    // Tokens of people are not left lying about.
    expect(readdirSync(join(place.env.FIT_DATA_DIR, 'loadtest')).filter((name) => name.startsWith('run-'))).toEqual([]);
  }, 60_000);

  testWith(
    front,
    'smoke passes through Nginx, by TLS',
    async () => {
      const { code, output } = await runLoad('smoke --users 120 --weight 100 --target nginx');
      expect(output).toContain(`target: nginx (${place.nginx.tlsUrl})`);
      expect(output).toMatch(/\n\s+requests to the coach\s+100 %\n/);
      expect(code).toBe(0);
    },
    60_000,
  );

  testWith(
    fullDisk,
    'a page that cannot be written after all loses nothing but itself',
    async () => {
      const { code, output } = await runLoad('smoke --users 120 --weight 100 --report /dev/full');
      expect(output).toMatch(/smoke passed\.\n\nThe page was not written: ENOSPC.*\n$/);
      expect(code).toBe(1);
    },
    60_000,
  );

  test('the objective is missed at 0 and 10, met at 100, side by side; 100 decides', async () => {
    const report = join(place.env.FIT_DATA_DIR, 'objective.html');
    const { code, output } = await runLoad(`objective --users 120 --duration 3 --report ${report}`);
    expect(output).toMatch(/\n\s+weight 0\s+weight 10\s+weight 100\n/);
    expect(output).toMatch(/\n\s+weight set\s+0 %\s+10 %\s+100 %\n/);
    expect(output).toMatch(/\n\s+objective\s+missed, as expected\s+missed, as expected\s+met\n/);
    expect(figure(output, 'people')).toBeGreaterThanOrEqual(100);
    expect(code).toBe(0);
    expect(await weightInForce()).toBe(0);
    expect(readFileSync(report, 'utf8')).toMatch(/<th scope="row">objective<\/th><td>missed, as expected<\/td>/);
  }, 90_000);

  describe('beside others, as each has a folder of its own:', () => {
    const runAside = async (line: string) => {
      const folder = mkdtempSync(join(tmpdir(), 'load-'));
      const ran = await run(load(line), { ...place.env, FIT_DATA_DIR: folder });
      rmSync(folder, { recursive: true });
      return ran;
    };

    concurrentTestWith(
      fleet,
      'a rollout through Nginx and three edges on one Redis passes: no request fails, nobody changes sides without need',
      async () => {
        await using edges = await startEdgesBehindNginx({ legacy: place.urls.monolith, coach: place.urls.coach });
        const elsewhere = `--url ${edges.url} --login ${place.urls.edge} --admin ${edges.adminUrl}`;
        const { code, output } = await runAside(`rollout --users 20 --rate 10 --duration 14 ${elsewhere}`);
        expect(output).toMatch(
          /weight 1\n\s+weight 10\n\s+weight 25\n\s+weight 50\n\s+weight 100\n\s+rolled back to 0\n/,
        );
        expect(output).toContain('Nobody changed sides without need.');
        expect(code).toBe(0);
      },
      90_000,
    );

    test.concurrent(
      'a rollout fails where people are thrown from side to side and one request fails',
      async () => {
        const workout = await aWorkout(place.urls);
        let requests = 0;
        const server = await serve((_req, res) => {
          requests++;
          const side = Math.random() < 0.5 ? 'legacy' : 'coach';
          res.writeHead(requests === 20 ? 500 : 200, { 'x-served-by': side }).end(workout);
        });
        const elsewhere = `--url ${server.url} --login ${place.urls.edge} --admin ${place.urls.admin}`;
        const { code, output } = await runAside(`rollout --users 20 --rate 10 --duration 14 ${elsewhere}`);
        server.stop();
        expect(output).toContain('Missed: workout_failed rate==0');
        expect(output).toMatch(/people changed sides without need:\n\s+number \d+ \(person-\d{4}@fit\.example\): on /);
        expect(code).toBe(1);
      },
      60_000,
    );

    test.concurrent.each([
      ['200 with a broken contract', 200, brokenWorkout(), /30 × workout\.exercises: must have 6, received 0/],
      ['503 with a problem', 503, { type: 'overloaded' }, /30 × 503 overloaded/],
    ])('smoke fails where the answer is %s', async (_name, status, body, why) => {
      const server = await serve((_req, res) => {
        res.writeHead(status, { 'x-served-by': 'legacy' }).end(JSON.stringify(body));
      });
      const { code, output } = await runAside(`smoke --users 3 --url ${server.url} --login ${place.urls.edge}`);
      server.stop();
      expect(output).toMatch(why);
      expect(output).toContain('Missed: workout_failed rate==0');
      expect(code).toBe(1);
    });

    test.concurrent.each([
      [
        'an operator who rolls back meanwhile has the last word',
        'smoke --weight 100 --users 3',
        (admin: AdminApi) => admin.operatorSets(0),
        TAKEN_OVER,
        ['weight 100'],
      ],
      [
        'a rollout stops at its next step after that',
        'rollout --rate 10 --duration 14 --users 20',
        (admin: AdminApi) => admin.operatorSets(0),
        TAKEN_OVER,
        ['weight 0'],
      ],
      [
        'a weight that cannot be restored is told at last',
        'smoke --weight 100 --users 3',
        ({ state }: AdminApi) => (state.fails = 'before'),
        /\nThe weight is not restored .*: in force is 100 %; set it back with npx edgectl --url \S+ weight wod 10 --reason .*\n$/,
        ['weight 100'],
      ],
    ])(
      '%s',
      async (_name, line, meanwhile, lastLine, changes) => {
        const admin = await startAdminApi(10);
        const workout = await aWorkout(place.urls);
        const server = await serve((_req, res) => {
          if (admin.state.revision === 4 && !admin.state.fails) meanwhile(admin);
          res.writeHead(200, { 'x-served-by': 'coach' }).end(workout);
        });
        const elsewhere = `--url ${server.url} --login ${place.urls.edge} --admin ${admin.url}`;
        const { code, output } = await runAside(`${line} ${elsewhere}`);
        server.stop();
        admin.stop();
        expect(output).toMatch(lastLine);
        expect(code).toBe(1);
        expect(admin.state.changes).toEqual(changes);
      },
      60_000,
    );

    test.concurrent(
      'smoke fails if its time was too short for all requests',
      async () => {
        const workout = await aWorkout(place.urls);
        const server = await serve((_req, res) => {
          setTimeout(() => res.writeHead(200, { 'x-served-by': 'legacy' }).end(workout), 700);
        });
        const { code, output } = await runAside(
          `smoke --users 3 --duration 1 --url ${server.url} --login ${place.urls.edge}`,
        );
        server.stop();
        expect(output).toContain('Missed: iterations count==30');
        expect(output).toMatch(/requests not sent, as the time was over: 2\d/);
        expect(code).toBe(1);
      },
      60_000,
    );
  });

  test('Ctrl-C ends it, k6 included, and restores the weight', async () => {
    const soak = new Terminal(load('soak --users 120'), place.env);
    await soak.printed('soak at weight 100');
    expect(await weightInForce()).toBe(100);
    soak.interrupt();
    const { code, output } = await soak.ended();
    expect(output).toContain('Interrupted by SIGINT');
    expect(code).toBe(130);
    expect(await weightInForce()).toBe(0);
  }, 60_000);

  test('Ctrl-C while people log in ends it with one line, and a second load test does not start beside it', async () => {
    const server = await serve(() => undefined);
    const smoke = new Terminal(load(`smoke --url ${server.url}`), place.env);
    await smoke.printed('Logging in 500 people');
    const second = await runLoad('smoke --users 120');
    expect(second.output).toMatch(/^Another load test is running: .*loadtest is in use by process \d+; .*\n$/);
    expect(second.code).toBe(2);
    smoke.interrupt();
    const { code, output } = await smoke.ended();
    server.stop();
    expect(output).toMatch(/^Logging in 500 people at .*\nInterrupted by SIGINT\n$/);
    expect(code).toBe(130);
  }, 60_000);

  test("an operator's token that ends during the run does not start it", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = `x.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.x`;
    const { code, output } = await run(load('smoke'), { ...place.env, EDGE_ADMIN_TOKEN: token });
    expect(output).toMatch(/^EDGE_ADMIN_TOKEN ends at \S+, and smoke takes up to 780 s from now; .*\n$/);
    expect(code).toBe(2);
  });

  test.each([
    ['objective --users 99', /--users: objective needs 100 different people, received 99/],
    ['stress --url http://127.0.0.1:1', /stress sets weights: name the edge's admin API with --admin/],
    ['rollout --users 19', /--users: rollout needs 20 different people, received 19/],
    ['smoke --report /nowhere/page.html', /--report must be a file that can be written: ENOENT.*\/nowhere\/page\.html/],
    ['smoke --duration never', /--duration must be a whole number .* received "never"/],
  ])('%s does not start', async (line, message) => {
    const { code, output } = await runLoad(line);
    expect(output).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync('/nowhere')).toBe(false);
  });

  test('without a stack there is one line', async () => {
    const { code, output } = await run(load('smoke'), { FIT_DATA_DIR: '/nowhere' });
    expect(output).toMatch(/^No stack is running: \/nowhere\/stack\.json .*\n$/);
    expect(code).toBe(2);
  });
});

type AdminApi = Awaited<ReturnType<typeof startAdminApi>>;

/** A row of the table: its first column. */
function figure(output: string, label: string): number {
  return Number(new RegExp(`\\n +${label} +([\\d,]+)`).exec(output)?.[1]?.replaceAll(',', ''));
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close().closeAllConnections() };
}

function brokenWorkout(): object {
  return { exercises: [], generated_at: '2026-03-29T10:00:00Z' };
}

/** A real one, as text. */
async function aWorkout({ edge }: Place['urls']): Promise<string> {
  const login = await fetch(`${edge}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'demo@fit.example', password: 'demo-password' }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const answer = await fetch(`${edge}/fitness/wod`, { headers: { authorization: `Bearer ${access_token}` } });
  return await answer.text();
}
