import type { Logger } from '@fit/service-kit/logger';
import type { Send } from './redis-connection.ts';

export type RedisKeys = {
  /** Which store this is. */
  readonly id: string;
  /** Hash: the last entry of each route. */
  readonly routes: string;
  /** Stream: every entry, with the one before it. */
  readonly audit: string;
  /** Hash: the last report of each replica. */
  readonly replicas: string;
  /** Who leads, for as long as it does. */
  readonly leader: string;
  /** Of the last leader. */
  readonly token: string;
  /** Hash of a topic: its epoch, and what each replica counted. */
  readonly counts: (topic: string) => string;
  /** Hash of a topic: its facts. */
  readonly facts: (topic: string) => string;
  /** Channel: every entry, as it is written. */
  readonly changes: string;
};

/** What the parts of the Redis store work with. */
export type RedisAccess = { readonly send: Send; readonly keys: RedisKeys; readonly logger: Logger };

/** Runs a script as one step of Redis. It is sent whole: short, and a Redis that was restarted knows none. */
export async function evaluate(
  send: Send,
  { script, keys, args = [] }: { script: string; keys: readonly string[]; args?: readonly (string | Buffer)[] },
): Promise<unknown[]> {
  return (await send(['EVAL', script, String(keys.length), ...keys, ...args])) as unknown[];
}

/** Whether a write was done; what it moved out of the way is for people to look at. */
export function wasWritten([done, ...moved]: unknown[], logger: Logger): boolean {
  sayMoved(moved, logger);
  return done === 1;
}

export function sayMoved(moved: readonly unknown[], logger: Logger): void {
  for (const key of moved) {
    logger.error({ movedTo: String(key) }, 'something in Redis that is not of this edge was in the way; it was moved');
  }
}
