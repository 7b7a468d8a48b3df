import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from './env.ts';
import { describeError, hideSecrets } from './hide-secrets.ts';
import { standardOutput } from './log-output.ts';

export type { Logger };

/**
 * JSON lines on standard output, without waiting for whoever reads it. ERROR wakes a person, WARN heals by itself. Tokens, passwords and e-mail addresses are
 * never written; messages are fixed texts, what varies is a field.
 */
export function createLogger(
  service: string,
  level: LogLevel,
  destination: DestinationStream = standardOutput(),
): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: hideSecrets },
      serializers: { err: describeError },
    },
    destination,
  );
}
