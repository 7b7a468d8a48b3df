import { mebibytes } from './leaks.ts';
import { runStream } from './stream-run.ts';

/** `npm run stream`: 1 GB each way through a slow reader; exit 1 if the edge's memory grows beyond the bound or bytes differ. */
const BYTES = 2 ** 30;
const BOUND_BYTES = 128 * 2 ** 20;

/** About 50 MB a second where an edge that does not wait would take ten times as much from the sender. */
const SLOW = { burstBytes: 2 ** 20, pauseMs: 18 };

let isSound = true;
for (const direction of ['down', 'up'] as const) {
  const { seconds, peakBytes, mostAheadBytes, fault } = await runStream({ direction, bytes: BYTES, ...SLOW });
  const isFlat = peakBytes <= BOUND_BYTES;
  isSound &&= isFlat && fault === undefined;
  const verdict = fault ?? (isFlat ? 'every byte as sent' : `grew by more than ${mebibytes(BOUND_BYTES)} MiB`);
  process.stdout.write(
    `1 GB ${direction} in ${seconds.toFixed(1)} s: the edge's memory rose by ${mebibytes(peakBytes)} MiB at most, ` +
      `the sender was ${mebibytes(mostAheadBytes)} MiB ahead at most; ${verdict}\n`,
  );
}
process.exit(isSound ? 0 : 1);
