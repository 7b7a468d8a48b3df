import type { LogLevel } from '@fit/service-kit/env';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import { LogOutput } from './log-output.ts';

/** Where an edge logs. */
export type EdgeLog = {
  logger: Logger;
  /** Takes a line for each request, if anybody wants those. */
  requests?: Pick<LogOutput, 'add' | 'dropped'>;
};

/** Both kinds of lines on standard output, in their order; what is left when the process ends is written then. */
export function openEdgeLog(level: LogLevel): EdgeLog {
  // Asked for, a pipe is one that does not block: a reader that hangs then holds no thread, and not the end of the process.
  const output = new LogOutput({ fd: process.stdout.fd });
  process.once('exit', () => output.flushSync());
  return { logger: createLogger('edge-proxy', level, output), requests: output };
}

export function publishLog(registry: Registry, { requests }: EdgeLog): void {
  new Counter({
    name: 'edge_request_log_dropped_total',
    help: 'Lines of the log that were dropped, as whoever reads the log was too far behind.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(requests?.dropped ?? 0);
    },
  });
}
