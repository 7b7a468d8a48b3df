import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from './env.ts';
import { describeError, hideSecrets } from './hide-secrets.ts';

export type { Logger };

/**
 * JSON lines on standard output. ERROR wakes a person, WARN heals by itself. Tokens, passwords and e-mail addresses are
 * never written; messages are fixed texts, what varies is a field.
 */
export function createLogger(
  service: string,
  level: LogLevel,
  destination: DestinationStream = pino.destination(1),
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
