import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const COMMAND = join(import.meta.dirname, '..', '..', '..', 'scripts', 'build.ts');

/** Builds the page if it is not current, in a process of its own: the bundler does not run within Jest. */
export function ensureBuiltPage(): void {
  execFileSync(process.execPath, [COMMAND, '--if-needed']);
}
