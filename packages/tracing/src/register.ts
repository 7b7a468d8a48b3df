import { isMainThread } from 'node:worker_threads';
import { isTracingWanted } from './is-tracing-wanted.ts';

/** For `node --import @fit/tracing/register`: nothing more is loaded unless the environment names a collector. */
if (isMainThread && isTracingWanted(process.env)) {
  const { startTracing } = await import('./start-tracing.ts');
  try {
    startTracing(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
