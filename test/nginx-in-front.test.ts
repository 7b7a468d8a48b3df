import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import { describeWith } from '@fit/test-kit/components';
import { nginx, nginxWithNjs } from '../nginx/test/nginx-component.ts';
import { Terminal, aPlaceWithDatabase, answers, patientEnv, run } from './running-stack.ts';
import type { Place } from './running-stack.ts';

/** `npm start` with a real Nginx in front, as a newcomer meets it. */
let place: Place;
beforeEach(async () => {
  place = await aPlaceWithDatabase();
});
afterEach(() => place.remove());

const npmStart = async (...args: string[]) => {
  const stack = new Terminal(['npm', 'start', '--', ...args], { ...place.env, ...patientEnv(place) });
  await stack.printed('Stop: Ctrl-C');
  return stack;
};
const edgectl = async (words: string) =>
  await run(['bash', '-c', `EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator) npx edgectl ${words}`], {
    ...place.env,
    EDGE_ADMIN_URL: place.urls.admin,
  });
/** The process id in a file of Nginx's folder; undefined while there is none. */
function pidIn(file: string): number | undefined {
  try {
    return Number(/\d+/.exec(readFileSync(join(place.nginx.folder, file), 'utf8'))?.[0]);
  } catch {
    return undefined;
  }
}
const token = async () => (await run(['npm', 'run', '-s', 'token'], place.env)).output.trim();

/** Today's workout by TLS, with the certificate that the stack made; the header says who served it. */
async function workoutByTls(bearer: string): Promise<string | undefined> {
  const asked = httpsRequest(`${place.nginx.tlsUrl}/fitness/wod`, {
    ca: readFileSync(join(place.nginx.folder, 'certificate.pem')),
    headers: { authorization: `Bearer ${bearer}` },
    agent: false,
  }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  workoutOfTheDaySchema.parse(JSON.parse(Buffer.concat((await answer.toArray()) as Buffer[]).toString()));
  return String(answer.headers['x-served-by']);
}

await describeWith(nginx, 'npm start with Nginx', () => {
  test('puts it before the edge, by TLS too; it comes back when it crashes and ends with the stack', async () => {
    const stack = await npmStart();
    const printed = await stack.printed('Stop: Ctrl-C');
    expect(printed).toContain(`${place.nginx.url}   in front, topology edge`);
    expect(printed).toContain(place.nginx.tlsUrl);
    const bearer = await token();
    expect(await workoutByTls(bearer)).toBe('legacy');
    expect(await edgectl('weight wod 100 --reason "everybody" --yes')).toMatchObject({ code: 0 });
    expect(await workoutByTls(bearer)).toBe('coach');

    process.kill(pidIn('nginx.pid')!, 'SIGKILL');
    await stack.printed('nginx is ready again');
    expect(await workoutByTls(bearer)).toBe('coach');

    // Whoever looks after it may be killed too: the one that it left behind makes room.
    process.kill(pidIn('owner')!, 'SIGKILL');
    await stack.printedTimes('nginx is ready again', 2);
    expect(await workoutByTls(bearer)).toBe('coach');

    stack.interrupt();
    expect((await stack.ended()).code).toBe(0);
    expect(await answers(place.nginx.url)).toBe(false);
  }, 120_000);
});

await describeWith(nginxWithNjs, 'npm start -- --topology direct', () => {
  test('has no edge in the path; a change is in force when it is applied', async () => {
    const stack = await npmStart('--topology', 'direct');
    expect(await stack.printed('Stop: Ctrl-C')).toContain('not in the path');
    const bearer = await token();
    expect(await workoutByTls(bearer)).toBe('legacy');
    expect(await edgectl('weight wod 100 --reason "everybody" --yes')).toMatchObject({ code: 0 });
    expect(await workoutByTls(bearer)).toBe('legacy');
    const applied = await edgectl(`nginx apply --topology direct --folder ${place.nginx.folder}`);
    expect(applied).toMatchObject({ code: 0, output: expect.stringContaining('wod: 100 % of users at coach') });
    expect(await workoutByTls(bearer)).toBe('coach');
    expect(readFileSync(join(place.nginx.folder, 'access.log'), 'utf8')).not.toContain(new URL(place.urls.edge).host);

    // And back to the edge, without a restart.
    expect(await edgectl(`nginx apply --topology edge --folder ${place.nginx.folder}`)).toMatchObject({ code: 0 });
    expect(await workoutByTls(bearer)).toBe('coach');
    expect(readFileSync(join(place.nginx.folder, 'access.log'), 'utf8')).toContain(new URL(place.urls.edge).host);
    stack.interrupt();
    expect((await stack.ended()).code).toBe(0);
  }, 120_000);
});

await describeWith(nginx, 'an impatient person', () => {
  test('who asks twice to stop leaves no Nginx behind', async () => {
    const stack = await npmStart();
    stack.interrupt();
    await stack.printed('Stopping');
    stack.interrupt();
    await stack.ended();
    while (await answers(place.nginx.url)) await delay(50);
  }, 60_000);
});

describe('npm start without Nginx', () => {
  const without = { NGINX_PROGRAM: '/nonexistent/nginx' };

  test('says in one line what is missing and how to get it, and runs', async () => {
    const stack = new Terminal(['npm', 'start'], { ...place.env, ...without });
    const printed = await stack.printed('Stop: Ctrl-C');
    expect(printed).toMatch(
      /^Nginx is not in front: \/nonexistent\/nginx is not on PATH \(Debian: apt-get install nginx; .*\)$/m,
    );
    expect(await answers(`${place.urls.edge}/ready`)).toBe(true);
    stack.interrupt();
    expect((await stack.ended()).code).toBe(0);
  }, 60_000);

  test('refuses topology direct before it starts anything', async () => {
    const { code, output } = await run(['npm', 'start', '--', '--topology', 'direct'], { ...place.env, ...without });
    expect(code).toBe(1);
    expect(output).toMatch(/Topology direct needs Nginx with njs: .* is not on PATH/);
    expect(output).not.toContain('Starting');
  });

  test.each([
    [['--topology', 'both'], '--topology must be one of edge, direct, received "both"'],
    [['--toplogy'], "Unknown option '--toplogy'"],
  ])('%j is wrong usage', async (args, message) => {
    const { code, output } = await run(['npm', 'start', '--', ...args], place.env);
    expect(code).toBe(2);
    expect(output).toContain(message);
  });
});
