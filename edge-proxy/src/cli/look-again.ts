import { setTimeout as delay } from 'node:timers/promises';
import { CommandError, EXIT } from './exit-code.ts';

export type Looking<Seen> = {
  look: () => Promise<Seen>;
  show: (seen: Seen) => void;
  /** A look other than the first one failed, in a way that may pass: why. Told at each attempt. */
  lost: (why: string) => void;
  everyMs: number;
  /** Ends it. */
  interrupted: AbortSignal;
};

/**
 * Looks until it is interrupted.
 *
 * @throws CommandError if the first look fails, or if the token is no longer good
 */
export async function lookAgain<Seen>({ look, show, lost, everyMs, interrupted }: Looking<Seen>): Promise<void> {
  let isFirst = true;
  do {
    try {
      show(await look());
    } catch (error) {
      if (interrupted.aborted) return;
      if (isFirst || !isPassing(error)) throw error;
      lost(error.message);
    }
    isFirst = false;
  } while (await hasPassed(everyMs, interrupted));
}

/** False as soon as the signal is aborted. */
async function hasPassed(timeMs: number, signal: AbortSignal): Promise<boolean> {
  await delay(timeMs, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** Whether it may be over at the next attempt: nothing answers, or a server that is unwell. */
function isPassing(error: unknown): error is CommandError {
  return error instanceof CommandError && (error.code === EXIT.unreachable || (error.status ?? 0) >= 500);
}
