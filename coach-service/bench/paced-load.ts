import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

export type PacedLoad = {
  url: string;
  requests: readonly { path: string; headers: Record<string, string> }[];
  connections: number;
  /** Requests a second. */
  rate: number;
  seconds: number;
};

export type LoadResult = { answered: number; errors: number; p50Ms: number; p99Ms: number };

/**
 * Sends requests when they are due, whether earlier ones were answered or not, and times each from when it was due: an
 * open loop, so that a stall is seen by everybody who would have come during it (Tene's "coordinated omission").
 * autocannon's own rate sends each second's requests in one burst.
 */
export async function sendPaced({ url, requests, connections, rate, seconds }: PacedLoad): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  let errors = 0;
  const send = async (index: number, dueAt: number) => {
    const { path, headers } = requests[index % requests.length] ?? { path: '/', headers: {} };
    try {
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
      await body.dump();
      if (statusCode === 200) latenciesMs.push(performance.now() - dueAt);
      else errors++;
    } catch {
      errors++;
    }
  };

  const total = rate * seconds;
  const startedAt = performance.now();
  const dueAt = (index: number) => startedAt + (index * 1000) / rate;
  const sent: Promise<void>[] = [];
  while (sent.length < total) {
    while (sent.length < total && dueAt(sent.length) <= performance.now())
      sent.push(send(sent.length, dueAt(sent.length)));
    await delay(1);
  }
  await Promise.all(sent);
  await pool.close();
  latenciesMs.sort((a, b) => a - b);
  const percentile = (share: number) => Math.round(latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0);
  return { answered: latenciesMs.length, errors, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}
