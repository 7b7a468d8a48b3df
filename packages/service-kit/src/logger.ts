import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from './env.ts';

export type { Logger };

/** JSON lines on standard output. ERROR wakes a person, WARN heals by itself. Tokens and passwords are never written. */
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
      formatters: { level: (label) => ({ level: label }) },
      redact: ['authorization', 'password', 'token', '*.authorization', '*.password', '*.token', '*.headers'],
    },
    destination,
  );
}
