import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once a condition holds; the test's own time limit ends the waiting. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}
