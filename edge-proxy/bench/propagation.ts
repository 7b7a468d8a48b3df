import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { redis } from '../src/adapters/test/redis-server.ts';
import { startFleet, startRedisFleet } from '../test/control/fleet.ts';
import type { Fleet } from '../test/control/fleet.ts';
import { Users, step, usersOf } from '../test/control/users.ts';
import { messageFrom, startHelper, stopChild } from './children.ts';
import { cores, describeMachine } from './machine.ts';
import { propagationOf, propagationText } from './propagation-figures.ts';
import type { Propagation } from './propagation-figures.ts';

/** How soon a change of the weight is in force on every edge, under load. README.md says how it is measured. */
const USAGE = `usage: npm run bench:propagation -- [--changes N] [--rate N] [--edges N] [--json]
  --changes N   changes of the weight, one after another (100)
  --rate N      requests a second in all, as many as this machine can make (2000)
  --edges N     edges that share a Redis (3)
  --json        figures as JSON alone
`;
/** Half of all users move at each change. */
const WEIGHTS = [25, 75] as const;
const USERS = 10_000;
const WARM_UP_MS = 3000;
const WAIT_MS = 10_000;
/** Between two changes: so long at least, and up to twice that, so that they fall at any moment of a second. */
const PAUSE_MS = 150;
const HELPER_TIMEOUT_MS = 10_000;

const options = optionsOrExit();
const sideServers = startHelper(new URL('side-servers.ts', import.meta.url).pathname, [], cores.others);
const urls = (await messageFrom(sideServers, HELPER_TIMEOUT_MS)) as Fleet['sides']['urls'];
const sides = { urls, [Symbol.asyncDispose]: () => Promise.resolve() };
const say = (text: string) => void process.stderr.write(`${text} …\n`);

const measured: Propagation[] = [];
const finding = await redis.find();
if (finding.available) {
  say(`${options.edges} edges on Redis`);
  await using fleet = await startRedisFleet(options.edges, { sides });
  measured.push(await measure('Redis', fleet));
} else say(`without Redis: ${finding.reason}`);
say('1 edge on a file');
{
  await using fleet = await startFleet(1, { sides });
  measured.push(await measure('file', fleet));
}
stopChild(sideServers);

const report = {
  machine: describeMachine(),
  date: new Date().toISOString().slice(0, 10),
  rate: options.rate,
  measured,
};
const text = `${report.machine}, ${report.date}; ${options.rate} requests/s wanted\n\n${propagationText(measured)}`;
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : text);
process.exit(measured.every(({ failed, misrouted }) => failed + misrouted === 0) ? 0 : 1);

async function measure(store: string, { edges, operator }: Fleet): Promise<Propagation> {
  const set = async (at: number) => {
    const edge = edges[at % edges.length]!;
    const { revision } = await operator.route(edge);
    const askedAt = performance.now();
    const weight = WEIGHTS[at % 2]!;
    const { status, body } = await operator.setWeight(edge, weight, { waitMs: WAIT_MS, revision });
    if (status !== 200 || body.acknowledged.serving !== edges.length) throw new Error(JSON.stringify(body));
    return step(weight, askedAt);
  };
  await using users = new Users({ urls: edges.map(({ url }) => url), users: usersOf(USERS), connections: 32 });
  const steps = [await set(0)];
  const startedAt = performance.now();
  users.askSteadily(options.rate);
  await delay(WARM_UP_MS);
  for (let at = 1; at <= options.changes; at++) {
    steps.push(await set(at));
    await delay(PAUSE_MS * (1 + Math.random()));
  }
  const asked = await users.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  return propagationOf({ store, edges: edges.length, steps, asked, seconds });
}

function optionsOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        changes: { type: 'string', default: '100' },
        rate: { type: 'string', default: '2000' },
        edges: { type: 'string', default: '3' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const { changes, rate, edges, json } = values;
    return {
      changes: wholeNumber('changes', changes, 10_000),
      rate: wholeNumber('rate', rate, 100_000),
      edges: wholeNumber('edges', edges, 20),
      json,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max) return Number(text);
  throw new RangeError(`--${option} must be a whole number from 1 to ${max}, received ${JSON.stringify(text)}`);
}
