import { Worker } from 'node:worker_threads';
import type { Finding, Job } from './experiments.ts';

export type Findings = ReadonlyMap<string, readonly Finding[]>;

/**
 * Performs all jobs, on so many threads; what comes of one depends on neither.
 *
 * @param progress told after each
 */
export async function simulateAll(
  jobs: readonly Job[],
  threads: number,
  progress: (done: number) => void,
): Promise<Findings> {
  const found: { job: Job; finding: Finding }[] = [];
  const parts = Array.from({ length: threads }, (_, part) => jobs.filter((_job, index) => index % threads === part));
  await Promise.all(
    parts.map((part) =>
      performed(part, (one) => {
        found.push(one);
        progress(found.length);
      }),
    ),
  );
  const inOrder = found.sort((a, b) => a.job.run - b.job.run);
  const byExperiment = Map.groupBy(inOrder, ({ job }) => job.experiment);
  return new Map([...byExperiment].map(([name, each]) => [name, each.map(({ finding }) => finding)]));
}

async function performed(jobs: readonly Job[], report: (one: { job: Job; finding: Finding }) => void): Promise<void> {
  const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url), { workerData: jobs });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.on('message', report);
  worker.on('error', reject);
  worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A thread ended with code ${code}`))));
  return promise;
}
