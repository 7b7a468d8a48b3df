/*
 * Runs a script of this project on Node 24, whatever Node started it (20 or later), and installs the dependencies first
 * when they are missing or older than package-lock.json.
 *
 *   node scripts/with-node-24.mjs SCRIPT [ARGUMENT ...]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundledNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const LONGEST_INSTALL_MS = 15 * 60_000;

installWhenNeeded();
const [script, ...args] = process.argv.slice(2);
const warnings = '--disable-warning=ExperimentalWarning';
const child = spawn(node24(), [warnings, join(root, script), ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// Ctrl-C reaches the script itself; it decides when to end, and this process ends with it.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

function installWhenNeeded() {
  if (isInstalled()) return;
  const release = waitForTurn();
  if (!isInstalled()) install();
  release();
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}

/** Two commands that install at once would take the files from under each other. A lock whose owner has gone is void. */
function waitForTurn() {
  const lock = join(root, '.data', 'install-lock');
  mkdirSync(join(root, '.data'), { recursive: true });
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (waits === 0) process.stderr.write(`Waiting for another command that installs (${lock}) …\n`);
    if (isVoid(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function isVoid(lock) {
  try {
    const ageMs = Date.now() - statSync(lock).mtimeMs;
    const owner = Number(readFileSync(lock, 'utf8'));
    // Without a number for the moment in which its owner writes it; and another process may have the number by now.
    if (!(owner > 0) || ageMs > LONGEST_INSTALL_MS) return ageMs > 5000;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function install() {
  process.stderr.write('Installing dependencies (npm ci) …\n');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    fail('The dependencies could not be installed; the lines above say why. Then run the same command again.');
}

function node24() {
  if (existsSync(bundledNode)) return bundledNode;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `This needs Node 24, but this is ${process.version} and the install scripts of the package "node", which brings it, ` +
      'did not run. Allow them (npm config: ignore-scripts) and run "npm ci", or use Node 24.',
  );
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
