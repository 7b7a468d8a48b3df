import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { until } from '@fit/test-kit/until';
import { imageVersion } from '../image-version.ts';
import { Compose } from './compose.ts';
import { FrontDoor } from './front-door.ts';
import type { Person } from './front-door.ts';
import { PeopleAsking } from './people-asking.ts';

const USAGE = `npm run compose:smoke -- [--keep] [--observe]

Builds and starts docker-compose.yml under a project name of its own, and tries what people and operators rely on. It needs
Docker and the ports 8000, 8081, 8082 and 8443 (9090 to observe), and ends in five minutes or so; 0 if all of it held, else 1.

  --keep      leaves everything running
  --observe   starts Prometheus too, and waits until it reaches every process`;

const ROOT = join(import.meta.dirname, '..', '..');
const PASSWORD = 'compose-smoke-password';
const ADMIN = 'http://127.0.0.1:8081';
const OTHER_ADMIN = 'http://127.0.0.1:8082';
const PEOPLE = 24;
/** For containers to become healthy, on a machine that does much else. */
const START_MS = 180_000;
const MEND_MS = 60_000;

const { keep, observe } = optionsOrExit();
/** Whatever the caller's shell says: what is tried is the file as it stands, beside a stack that may be there. */
const COMPOSE_ENV = {
  ...imageVersion(ROOT),
  DEMO_PASSWORD: PASSWORD,
  FIT_NETWORK: '10.213.48',
  PUBLISH_ADDRESS: '127.0.0.1',
  NGINX_TOPOLOGY: 'edge',
  NGINX_RETIRED: '',
  METRICS_TOKEN: '',
};
const compose = composeOrExit();
const startedAt = performance.now();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => (isInterrupted = true));

try {
  await tryEverything();
  say('All of it held');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  if (!keep) await compose.run('--profile', 'observe', 'down', '--volumes', '--remove-orphans');
}

async function tryEverything(): Promise<void> {
  await start();
  let door = await openFrontDoor();
  const people = await logInPeople(door);
  const edgectl = await operator(door);
  await workoutThroughTls(door, people);
  await moveWeight(door, people, edgectl);
  await killAnEdge(door, people);
  await restartRedis(door, people, edgectl);
  const kept = await completeWorkout(door, people[0]!);
  if (observe) await watchWithPrometheus();
  await door.close();
  await compose.run('down');
  say('Everything was taken down, but for the volumes');
  await start();
  door = await openFrontDoor();
  await seeWhatWasKept(door, kept, edgectl);
  await door.close();
}

async function start(): Promise<void> {
  await compose.run('up', '--build', '--detach');
  await until('every container healthy', () => compose.health(), {
    holds: (health) => Object.keys(health).length >= 7 && Object.values(health).every((each) => each === 'healthy'),
    withinMs: START_MS,
  });
  step('Every container is healthy');
}

async function openFrontDoor(): Promise<FrontDoor> {
  const certificate = await compose.run('exec', '-T', 'nginx', 'cat', '/run/fit/certificate.pem');
  return new FrontDoor('https://localhost:8443', certificate);
}

async function logInPeople(door: FrontDoor): Promise<Person[]> {
  const emails = Array.from(
    { length: PEOPLE },
    (_, index) => `person-${String(index + 1).padStart(4, '0')}@fit.example`,
  );
  return await Promise.all(emails.map(async (email) => await door.logIn({ email, password: PASSWORD })));
}

type Edgectl = (...args: readonly string[]) => Promise<string>;

async function operator(door: FrontDoor): Promise<Edgectl> {
  const login = { email: 'operator@fit.example', password: PASSWORD, audience: 'edge-admin', roles: ['operator'] };
  const { token } = await door.logIn(login);
  const script = join(ROOT, 'edge-proxy', 'src', 'cli', 'edgectl.ts');
  return async (...args) => {
    const env = { ...process.env, EDGE_ADMIN_TOKEN: token };
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
    return stdout;
  };
}

async function workoutThroughTls(door: FrontDoor, [person]: readonly Person[]): Promise<void> {
  const { by } = await door.workout(person!);
  expect(by === 'legacy', `at weight 0 the monolith answers, but it was ${by}`);
  step('A workout came through TLS, from the monolith');
}

async function moveWeight(door: FrontDoor, people: readonly Person[], edgectl: Edgectl): Promise<void> {
  await edgectl('--url', ADMIN, 'weight', 'wod', '50', '--reason', 'smoke test', '--wait');
  const served = await Promise.all(people.map(async (person) => await door.workout(person)));
  const fresh = served.filter(({ by }) => by === 'coach').length;
  expect(fresh > 0 && fresh < PEOPLE, `half of ${PEOPLE} people are on the new side, but it was ${fresh}`);
  const again = await Promise.all(people.map(async (person) => await door.workout(person)));
  expect(
    again.every(({ by }, at) => by === served[at]!.by),
    'everybody stays on his side',
  );
  step(`At 50 %, set by edgectl, ${fresh} of ${PEOPLE} people are on the coach, twice the same`);
  await edgectl('--url', OTHER_ADMIN, 'weight', 'wod', '100', '--reason', 'smoke test', '--yes', '--wait');
}

async function killAnEdge(door: FrontDoor, people: readonly Person[]): Promise<void> {
  const asking = new PeopleAsking(door, people);
  await answers(asking, 500);
  await compose.run('kill', '-s', 'SIGKILL', 'edge-2');
  await answers(asking, 1000);
  await compose.run('up', '--detach', '--no-deps', 'edge-2');
  await until('edge-2 healthy', () => compose.health(), {
    holds: (health) => health['edge-2'] === 'healthy',
    withinMs: START_MS,
  });
  await answers(asking, 500);
  const { answered, failures } = await asking.stop();
  expect(failures.length === 0, `no request fails while an edge is killed, but: ${failures.slice(0, 5).join('; ')}`);
  step(`An edge was killed and came back under load: ${answered} answers, no failure`);
}

async function restartRedis(door: FrontDoor, people: readonly Person[], edgectl: Edgectl): Promise<void> {
  const asking = new PeopleAsking(door, people);
  await answers(asking, 200);
  await compose.run('restart', 'redis');
  await until('a weight set again', async () => await setWeight(edgectl, 75), {
    holds: (isSet) => isSet,
    withinMs: MEND_MS,
  });
  await answers(asking, 200);
  const { answered, failures } = await asking.stop();
  expect(failures.length === 0, `no request fails while Redis restarts, but: ${failures.slice(0, 5).join('; ')}`);
  step(`Redis restarted under load: ${answered} answers, no failure, and weights can be set again`);
}

async function setWeight(edgectl: Edgectl, percent: number): Promise<boolean> {
  return await edgectl('--url', ADMIN, 'weight', 'wod', String(percent), '--reason', 'smoke test', '--wait').then(
    () => true,
    () => false,
  );
}

type Kept = { person: Person; exerciseIds: readonly number[] };

async function completeWorkout(door: FrontDoor, person: Person): Promise<Kept> {
  const exerciseIds = [1, 2, 3];
  await door.logWorkout(person, exerciseIds, randomUUID());
  return { person, exerciseIds };
}

async function seeWhatWasKept(door: FrontDoor, { person, exerciseIds }: Kept, edgectl: Edgectl): Promise<void> {
  const history = await door.recentHistory(person);
  expect(
    exerciseIds.every((id) => history.includes(id)),
    `the history has ${exerciseIds.join()}, but it has ${history.join()}`,
  );
  const { routes } = JSON.parse(await edgectl('--url', ADMIN, 'status', '--json')) as {
    routes: { route: string; weight: number }[];
  };
  const weight = routes.find(({ route }) => route === 'wod')?.weight;
  expect(weight === 75, `the weight is 75 still, but it is ${weight}`);
  step("After `down` and `up` the person's history, his token and the weight are as they were");
}

async function watchWithPrometheus(): Promise<void> {
  await compose.run('--profile', 'observe', 'up', '--detach', 'prometheus');
  await until('every target scraped', targetsOfPrometheus, {
    holds: (targets) => targets.length >= 4 && targets.every(({ health }) => health === 'up'),
    withinMs: MEND_MS,
  });
  step('Prometheus scrapes both edges, the coach and the monolith');
}

async function targetsOfPrometheus(): Promise<{ scrapeUrl: string; health: string }[]> {
  const answer = await fetch('http://127.0.0.1:9090/api/v1/targets').catch(() => undefined);
  if (!answer?.ok) return [];
  const { data } = (await answer.json()) as { data: { activeTargets: { scrapeUrl: string; health: string }[] } };
  return data.activeTargets;
}

/** Resolves once so many more requests were answered or failed. */
async function answers(asking: PeopleAsking, count: number): Promise<void> {
  const before = asking.seen.answered;
  await until(`${count} more answers`, () => asking.seen.answered + asking.seen.failures.length - before, {
    holds: (more) => more >= count,
    withinMs: MEND_MS,
  });
}

function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`It does not hold that ${what}`);
}

/** Between two steps is where a Ctrl-C takes effect: whatever is running must be taken down in order. */
function step(what: string): void {
  say(what);
  if (isInterrupted) throw new Error('Interrupted');
}

function say(line: string): void {
  process.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
}

function composeOrExit(): Compose {
  try {
    return new Compose({ folder: ROOT, project: 'strangler-edge-smoke', env: COMPOSE_ENV });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return process.exit(1);
  }
}

function optionsOrExit(): { keep: boolean; observe: boolean } {
  const boolean = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ options: { keep: boolean, observe: boolean, help: { ...boolean, short: 'h' } } });
    if (!values.help) return values;
    process.stdout.write(`${USAGE}\n`);
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}
