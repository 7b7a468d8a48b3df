import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@fit/service-kit/logger';
import type { EdgeLog } from '../src/telemetry/edge-log.ts';

export type RequestLine = Record<string, unknown>;

/** A log that a test can read: what it says of requests. */
export type Logged = { log: EdgeLog; lines: RequestLine[]; next: (count?: number) => Promise<RequestLine[]> };

export function readableLog(level: 'info' | 'warn' | 'error' = 'info'): Logged {
  const lines: RequestLine[] = [];
  const logger = createLogger('edge-proxy', level, { write: () => undefined });
  const add = (line: string) => void lines.push(JSON.parse(line) as RequestLine);
  return {
    log: { logger, requests: { add } },
    lines,
    /** Takes the next lines; the test's own time limit ends the waiting. */
    next: async (count = 1) => {
      while (lines.length < count) await delay(2);
      return lines.splice(0, count);
    },
  };
}

/** Series of a scrape by their text before the value, of metrics whose name begins so. */
export async function seriesOf(adminUrl: string, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
