import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { constants } from 'node:os';
import { ensureDashboard } from '@fit/dashboard/build';
import { ROOT } from './stack/services.ts';

const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'compiled-for-tests');

/** `npm test`: all tests, or those whose path matches an argument. With CI=true a missing component is a failure. */
await ensureDashboard();
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const child = spawn(process.execPath, [...flags, jest, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  // Jest's workers and the processes that tests start inherit them; the hundreds of these compile the same sources.
  env: { ...process.env, NODE_OPTIONS: flags.join(' '), NODE_COMPILE_CACHE: COMPILE_CACHE },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal!]));
