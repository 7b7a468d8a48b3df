import type { LogLevel } from '@fit/service-kit/env';
import { standardOutput } from '@fit/service-kit/log-output';
import type { LogOutput } from '@fit/service-kit/log-output';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';

/** Where an edge logs. */
export type EdgeLog = {
  logger: Logger;
  /** Takes a line for each request, if anybody wants those. */
  requests?: Pick<LogOutput, 'add'>;
};

/** Both kinds of lines on standard output, in their order. */
export function openEdgeLog(level: LogLevel): EdgeLog {
  return { logger: createLogger('edge-proxy', level), requests: standardOutput() };
}
