import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { constants } from 'node:os';
import { ROOT, describeStack } from './stack/services.ts';

/** `npm run import-exercises -- FILE`: into the database that `npm start` uses; a file is meant from where npm was called. */
const monolith = describeStack(process.env).services.find(({ name }) => name === 'legacy-monolith')!;
const calledFrom = process.env['INIT_CWD'] ?? process.cwd();
const args = process.argv.slice(2).map((arg) => (arg.startsWith('-') ? arg : resolve(calledFrom, arg)));
const command = join(ROOT, 'legacy-monolith', 'src', 'cli', 'import-exercises.ts');
const child = spawn(process.execPath, [...process.execArgv, command, ...args], {
  stdio: 'inherit',
  env: { DATA_DIR: monolith.env['DATA_DIR'], ...process.env },
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal!]));
