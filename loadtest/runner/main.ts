import { LoadTestError } from './failures.ts';
import { runLoadTest } from './load-test.ts';
import { USAGE, readSettings } from './settings.ts';

/** `npm run load`: reads the command line, runs one scenario, and says by its exit code how it went. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const interruption = new AbortController();
for (const [signal, exitCode] of Object.entries(SIGNALS)) {
  const reason = new LoadTestError('interrupted', `Interrupted by ${signal}`, { exitCode });
  process.on(signal, () => interruption.abort(reason));
}
// Whoever started this is gone, however that went; waiting for it keeps nothing alive.
process.on('disconnect', () => interruption.abort(new LoadTestError('interrupted', 'Interrupted', { exitCode: 129 })));
process.channel?.unref();

try {
  const argv = process.argv.slice(2);
  const settings = readSettings(argv);
  if (settings) {
    const passed = await runLoadTest(settings, {
      argv,
      env: process.env,
      say: (line) => void process.stdout.write(`${line}\n`),
      signal: interruption.signal,
    });
    process.exitCode = passed ? 0 : 1;
  } else {
    process.stdout.write(`${USAGE}\n`);
  }
} catch (error) {
  if (!(error instanceof LoadTestError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
