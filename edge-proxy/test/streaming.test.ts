import { expect, test } from '@jest/globals';
import { runStream } from '../fuzz/stream-run.ts';

/** A reduction of `npm run stream`, which sends 1 GB. The bound is wide: an edge that does not wait holds most of it. */
const BYTES = 192 * 2 ** 20;
const BOUND_BYTES = 100 * 2 ** 20;

test.each(['down', 'up'] as const)(
  'a stream %s through a slow reader arrives whole, in flat memory',
  async (direction) => {
    const report = await runStream({ direction, bytes: BYTES, burstBytes: 2 ** 20, pauseMs: 15 });
    expect(report.fault).toBeUndefined();
    expect(report.peakBytes).toBeLessThan(BOUND_BYTES);
    // The sender is held back as well: this is the other half of the same promise.
    expect(report.mostAheadBytes).toBeLessThan(BOUND_BYTES);
  },
  60_000,
);
