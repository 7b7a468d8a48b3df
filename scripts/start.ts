import { join } from 'node:path';
import { ensureDashboard } from '@fit/dashboard/build';
import { whatIsMissing } from '@fit/nginx/find-nginx';
import type { Topology } from '@fit/nginx/topology';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import { KNOWN_VARIABLES } from '@fit/service-kit/known-variables';
import { nearMisses, sayNearMiss } from '@fit/service-kit/near-miss';
import { readArguments } from './stack/arguments.ts';
import { prepareFront } from './stack/front.ts';
import { explainTakenPorts } from './stack/ports.ts';
import { Progress } from './stack/progress.ts';
import { describeStack } from './stack/services.ts';
import type { Service, Stack } from './stack/services.ts';
import { removeStackFile, writeStackFile } from './stack/stack-file.ts';
import { Supervised } from './stack/supervised.ts';
import { restartOnChange } from './stack/watch.ts';
import { welcome } from './stack/welcome.ts';

/** `npm start`: the whole stack on this machine, until Ctrl-C. With `--watch` (`npm run dev`) it restarts on change. */
const say = (line: string) => process.stdout.write(`${line}\n`);
const { topology, isWatching } = argumentsOrExit();
for (const miss of nearMisses(process.env, KNOWN_VARIABLES)) say(sayNearMiss(miss));
const missing = whatIsMissing(topology);
if (missing && topology === 'direct') fail(`Topology direct needs Nginx with njs: ${missing}`);
const stack = stackOrExit();
const taken = await explainTakenPorts([...stack.services, ...(missing ? [] : [stack.nginx])]);
if (taken.length > 0) fail(taken.join('\n'));

ownDataDir(stack.dataDir);
ensureAdminToken(stack.adminTokenFile);
// The edge routes without it too, and says at `/` that it is missing.
await ensureDashboard().catch((error: Error) => say(`The dashboard was not built: ${error.message}`));
const logFolder = join(stack.dataDir, 'logs');
const running = stack.services.map(supervise);
let stopping: Promise<void> | undefined;
process.on('SIGINT', () => (stopping ? killAll() : requestStop()));
for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(signal, requestStop);
// Whoever read what is printed has gone.
process.stdout.on('error', requestStop);

try {
  await untilReady(running);
  if (!missing && !stopping) await putNginxInFront();
} catch (error) {
  if (!stopping) {
    await stopAll();
    fail((error as Error).message);
  }
}
if (!stopping) {
  writeStackFile(stack.dataDir, stack.urls);
  if (missing) say(`\nNginx is not in front: ${missing}`);
  say(welcome(stack, topology));
  if (isWatching) restartOnChange(running, say);
}

function supervise(service: Service): Supervised {
  return new Supervised(service, logFolder, (crashed) => void onCrash(crashed));
}

async function putNginxInFront(): Promise<void> {
  await prepareFront(stack, topology);
  if (stopping) return;
  const nginx = supervise(stack.nginx);
  running.push(nginx);
  await untilReady([nginx]);
}

async function untilReady(starting: readonly Supervised[]): Promise<void> {
  const progress = new Progress(
    starting.map(({ service }) => service.name),
    process.stdout,
  );
  try {
    await Promise.all(starting.map((each) => each.ready().then(() => progress.done(each.service.name))));
  } finally {
    progress.stop();
  }
}

/** Under `npm run dev` the next change restarts it; otherwise it comes back at once, or the stack ends. */
async function onCrash(crashed: Supervised): Promise<void> {
  const { name } = crashed.service;
  say(`${name} ended unexpectedly${isWatching ? '' : ', starting it again'}; its last lines:\n${crashed.lastWords}`);
  if (isWatching) return;
  try {
    await crashed.restart();
    await crashed.ready();
    say(`${name} is ready again`);
  } catch (error) {
    if (stopping) return;
    stopping = stopAll();
    await stopping;
    fail((error as Error).message);
  }
}

function requestStop(): void {
  if (stopping) return;
  stopping = stopAll();
  void stopping.then(() => process.exit(0));
}

/** For an impatient person, who asks twice. */
function killAll(): void {
  for (const supervised of running) supervised.kill();
}

/**
 * What is in front stops first, so that what it still forwards is answered. Nginx takes nothing new from then on, but may
 * have live connections, which end with the services behind it.
 */
async function stopAll(): Promise<void> {
  say('\nStopping …');
  removeStackFile(stack.dataDir);
  const nginxStopped = running.find(({ service }) => service.name === 'nginx')?.stop();
  for (const supervised of running.toReversed()) {
    if (supervised.service.name !== 'nginx') await supervised.stop();
  }
  await nginxStopped;
}

/** Two stacks on one folder would take each other's logs and addresses away, and two monoliths the data. */
function ownDataDir(folder: string): void {
  try {
    lockFolder(folder);
  } catch (error) {
    fail(`${(error as Error).message}. Choose another folder: FIT_DATA_DIR=… npm start`);
  }
}

function argumentsOrExit(): { topology: Topology; isWatching: boolean } {
  try {
    return readArguments();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return process.exit(2);
  }
}

function stackOrExit(): Stack {
  try {
    return describeStack(process.env, !missing);
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
