import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './stack/services.ts';

/** `npm run check`: format, lint (with the layer rules) and types; all of them, even if an early one fails. */
const CHECKS = [
  { name: 'format', command: ['prettier', '--check', '--log-level=warn', '.'] },
  { name: 'lint and layer rules', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the load test', command: ['tsc', '-p', 'loadtest'] },
  { name: 'types of the dashboard', command: ['tsc', '-p', 'edge-proxy/dashboard'] },
] as const;

const failed = CHECKS.filter(({ name, command: [tool, ...args] }) => {
  const { status } = spawnSync(join(ROOT, 'node_modules', '.bin', tool), args, { cwd: ROOT, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name}\n`);
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
