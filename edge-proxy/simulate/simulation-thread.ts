import { parentPort, workerData } from 'node:worker_threads';
import { perform } from './experiments.ts';
import type { Job } from './experiments.ts';

/** A thread's part of the jobs; each finding is told as soon as it is there. */
for (const job of workerData as readonly Job[]) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window: it has no origin
  parentPort?.postMessage({ job, finding: perform(job) });
}
