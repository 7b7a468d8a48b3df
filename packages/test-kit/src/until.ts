import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 15;

/** Looks again and again until something holds. @throws Error saying what was seen last, after `withinMs` */
export async function until<Seen>(
  what: string,
  look: () => Promise<Seen> | Seen,
  { holds, withinMs }: { holds: (seen: Seen) => boolean; withinMs: number },
): Promise<Seen> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    const waitedMs = Math.round(performance.now() - startedAt);
    if (waitedMs > withinMs) throw new Error(`Not ${what} after ${waitedMs} ms; last seen: ${JSON.stringify(seen)}`);
    await delay(LOOK_EVERY_MS);
  }
}
