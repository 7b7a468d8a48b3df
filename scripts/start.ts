import { join } from 'node:path';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import { explainTakenPorts } from './stack/ports.ts';
import { Progress } from './stack/progress.ts';
import { ROOT, describeStack } from './stack/services.ts';
import type { Stack } from './stack/services.ts';
import { removeStackFile, writeStackFile } from './stack/stack-file.ts';
import { Supervised } from './stack/supervised.ts';
import { restartOnChange } from './stack/watch.ts';

/** `npm start`: the whole stack on this machine, until Ctrl-C. With `--watch` (`npm run dev`) it restarts on change. */
const say = (line: string) => process.stdout.write(`${line}\n`);
const stack = stackOrExit();
const taken = await explainTakenPorts(stack.services);
if (taken.length > 0) fail(taken.join('\n'));

ownDataDir(stack.dataDir);
const logFolder = join(stack.dataDir, 'logs');
const isWatching = process.argv.includes('--watch');
const running = stack.services.map((service) => new Supervised(service, logFolder, (crashed) => void onCrash(crashed)));
let stopping: Promise<void> | undefined;
process.on('SIGINT', () => (stopping ? killAll() : requestStop()));
for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(signal, requestStop);
// Whoever read what is printed has gone.
process.stdout.on('error', requestStop);

try {
  await untilReady();
} catch (error) {
  if (!stopping) {
    await stopAll();
    fail((error as Error).message);
  }
}
if (!stopping) {
  writeStackFile(stack.dataDir, stack.urls);
  say(welcome(stack));
  if (isWatching) restartOnChange(running, say);
}

async function untilReady(): Promise<void> {
  const progress = new Progress(
    stack.services.map((service) => service.name),
    process.stdout,
  );
  try {
    await Promise.all(running.map((each) => each.ready().then(() => progress.done(each.service.name))));
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

/** What is in front stops first, so that what it still forwards is answered. */
async function stopAll(): Promise<void> {
  say('\nStopping …');
  removeStackFile(stack.dataDir);
  for (const supervised of running.toReversed()) await supervised.stop();
}

/** Two stacks on one folder would take each other's logs and addresses away, and two monoliths the data. */
function ownDataDir(folder: string): void {
  try {
    lockFolder(folder);
  } catch (error) {
    fail(`${(error as Error).message}. Choose another folder: FIT_DATA_DIR=… npm start`);
  }
}

function stackOrExit(): Stack {
  try {
    return describeStack(process.env);
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function welcome({ urls, dataDir }: Stack): string {
  const prefix = `npm --prefix ${JSON.stringify(ROOT)}`;
  const password = process.env['DEMO_PASSWORD']
    ? 'the one in DEMO_PASSWORD, which a second terminal needs too'
    : 'demo-password';
  return `
  edge            ${urls.edge}   what people use
  admin API       ${urls.admin}   what operators use
  legacy monolith ${urls.monolith}
  coach service   ${urls.coach}

  demo user       demo@fit.example, password: ${password}
  demo operator   operator@fit.example, the same password

  Today's workout:
    curl -s -H "Authorization: Bearer $(${prefix} run -s token)" ${urls.edge}/fitness/wod

  Who serves it, and how to move everybody to the coach service:
    export EDGE_ADMIN_URL=${urls.admin} EDGE_ADMIN_TOKEN="$(${prefix} run -s token -- --role operator)"
    npx ${JSON.stringify(`--prefix=${ROOT}`)} edgectl status
    npx ${JSON.stringify(`--prefix=${ROOT}`)} edgectl weight wod 100 --reason "first look"

  Logs: ${join(dataDir, 'logs')}   All commands: npm run help   Stop: Ctrl-C
`;
}
