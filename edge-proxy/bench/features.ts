import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Bench } from './comparison.ts';
import { featureCost } from './cpu-profile.ts';
import type { CpuProfile, FeatureCost, FeatureFiles } from './cpu-profile.ts';
import { startEdge } from './proxies.ts';
import { SATURATING_CONNECTIONS, warmUp } from './slice.ts';
import { sendAtFullSpeed } from './wrk.ts';

/** Which files are the features whose cost has an aim. A folder ends with `/`. One that does not exist is told. */
const FEATURE_FILES: FeatureFiles = {
  breaker: [
    'edge-proxy/src/domain/breaker.ts',
    'edge-proxy/src/domain/rolling-counts.ts',
    'edge-proxy/src/domain/upstream-health.ts',
  ],
  fallback: ['edge-proxy/src/domain/fallback.ts', 'edge-proxy/src/domain/fallback-budget.ts'],
  metrics: ['edge-proxy/src/telemetry/', 'packages/service-kit/src/metrics.ts'],
  cohort: [
    'edge-proxy/src/data-plane/cohort.ts',
    'edge-proxy/src/domain/split.ts',
    'edge-proxy/src/domain/murmur2.ts',
    'packages/contracts/src/cohort-key.js',
  ],
};

/** Where our own code is, as opposed to node's and to packages'. */
const OWN_FILES = /\/(?:edge-proxy\/src|packages\/[\w-]+\/src)\//;
const ROOT = new URL('../../', import.meta.url);
const SAMPLING_MICROS = 250;
const ANSWER_TIMEOUT_MS = 30_000;

function missingFeatureFiles(): string[] {
  return Object.values(FEATURE_FILES)
    .flat()
    .filter((file) => !existsSync(new URL(file, ROOT)));
}

/** The share of the edge's CPU time that the features take at saturation, from a CPU profile. */
export async function measureFeatures(bench: Bench, requestFile: string): Promise<FeatureCost> {
  for (const file of missingFeatureFiles()) bench.say(`${file}, named in features.ts, does not exist`);
  bench.say('features: a CPU profile of the edge');
  const { url, logFile, stop } = await startEdge(bench.folder, bench.upstreamPort, {
    nodeOptions: ['--inspect=127.0.0.1:0'],
  });
  const inspector = /ws:\/\/127\.0\.0\.1:\S+/.exec(readFileSync(logFile, 'utf8'))?.[0];
  if (inspector === undefined) throw new Error(`the edge's inspector did not tell its address in ${logFile}`);
  const session = await openSession(inspector);
  // From the start: V8 knows the place of an inlined function only if it was compiled while a profiler looked on.
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
  await session.send('Profiler.start');
  const startedAt = performance.now();
  const load = { connections: SATURATING_CONNECTIONS, requestFile };
  await warmUp(url, load);
  const fromMicros = (performance.now() - startedAt) * 1000;
  await sendAtFullSpeed({ url, ...load, seconds: bench.seconds * 2 });
  const { profile } = (await session.send('Profiler.stop')) as { profile: CpuProfile };
  session.close();
  stop();
  return featureCost(profile, { features: FEATURE_FILES, ownFiles: OWN_FILES, fromMicros });
}

type Session = { send: (method: string, params?: object) => Promise<unknown>; close: () => void };

/** The Chrome DevTools Protocol, one call at a time. */
async function openSession(url: string): Promise<Session> {
  const socket = new WebSocket(url);
  await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  let calls = 0;
  const send = async (method: string, params: object = {}) => {
    const id = ++calls;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), ANSWER_TIMEOUT_MS);
    const onMessage = ({ data }: MessageEvent) => {
      const answer = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      if (answer.id !== id) return;
      if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
      else resolve(answer.result);
    };
    socket.addEventListener('message', onMessage);
    socket.send(JSON.stringify({ id, method, params }));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      socket.removeEventListener('message', onMessage);
    }
  };
  return { send, close: () => socket.close() };
}
