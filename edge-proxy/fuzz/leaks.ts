import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeProcess } from './edge-process.ts';
import type { Finding } from './finding.ts';
import type { HostileUpstream } from './hostile-upstream.ts';

type Sample = { residentBytes: number; bytesInUse: number; descriptors: number; inFlight: number };

export type ResourceReport = { before: Sample; after: Sample };

/**
 * After a twentieth of the cases everything has been needed once. Bounds are wide: a leak grows with the cases. V8 keeps what
 * it once had, and its young generation alone grows to 128 MiB in a long run.
 */
const MORE_DESCRIPTORS = 8;
const MORE_BYTES_IN_USE = 16 * 2 ** 20;
const MORE_RESIDENT_BYTES = 256 * 2 ** 20;
const SETTLE_MS = 20_000;
const QUIET_MS = 1500;
/** Longer than each time-out of the edge under test: what a client broke off is held until then if nobody reads from it. */
const LAST_QUIET_MS = 6500;
const NONE: Sample = { residentBytes: 0, bytesInUse: 0, descriptors: 0, inFlight: 0 };

/** Compares what the edge holds on to after a few cases and after all of them, everybody having gone. */
export class Leaks {
  readonly nothing: ResourceReport = { before: NONE, after: NONE };
  readonly #edge: EdgeProcess;
  readonly #upstreams: readonly HostileUpstream[];
  #before = NONE;

  constructor(edge: EdgeProcess, upstreams: readonly HostileUpstream[]) {
    this.#edge = edge;
    this.#upstreams = upstreams;
  }

  async takeBaseline(): Promise<void> {
    this.#before = await this.#sample(QUIET_MS, 0);
  }

  async compare(found: (finding: Finding) => void): Promise<ResourceReport> {
    const before = this.#before;
    const after = await this.#sample(LAST_QUIET_MS, before.descriptors);
    const leak = (why: string) => found({ kind: 'leak of resources', why });
    if (after.descriptors > before.descriptors + MORE_DESCRIPTORS)
      leak(`${before.descriptors} → ${after.descriptors} descriptors`);
    if (after.bytesInUse > before.bytesInUse + MORE_BYTES_IN_USE)
      leak(`${mebibytes(before.bytesInUse)} → ${mebibytes(after.bytesInUse)} MiB in use`);
    if (after.residentBytes > before.residentBytes + MORE_RESIDENT_BYTES)
      leak(`${mebibytes(before.residentBytes)} → ${mebibytes(after.residentBytes)} MiB resident`);
    if (after.inFlight !== 0) leak(`${after.inFlight} requests in flight, though nobody is there`);
    return { before, after };
  }

  /** Once everybody has gone, and the number of descriptors has not fallen for so long, or is as low as it was. */
  async #sample(quietMs: number, lowest: number): Promise<Sample> {
    const until = performance.now() + SETTLE_MS;
    let least = Infinity;
    let quietSince = performance.now();
    const isQuietFor = (ms: number) => performance.now() - quietSince >= ms;
    while (performance.now() < until && !isQuietFor(least <= lowest ? QUIET_MS : quietMs)) {
      for (const upstream of this.#upstreams) upstream.closeConnections();
      const descriptors = this.#edge.openDescriptors();
      if (descriptors < least) [least, quietSince] = [descriptors, performance.now()];
      await pause(100);
    }
    const metrics = await this.#metrics();
    return {
      residentBytes: this.#edge.residentBytes(),
      bytesInUse: await this.#edge.bytesInUse(),
      descriptors: least,
      inFlight: sumOf(metrics, /^edge_\w*in_flight\w*(?:\{.*\})? (\S+)$/gm),
    };
  }

  async #metrics(): Promise<string> {
    const health = await fetch(`${this.#edge.url}/health`);
    if (!health.ok) throw new Error(`/health answers ${health.status}`);
    await health.body?.cancel();
    const metrics = await fetch(`${this.#edge.adminUrl}/metrics`, { headers: { connection: 'close' } });
    return await metrics.text();
  }
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function sumOf(metrics: string, pattern: RegExp): number {
  return [...metrics.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}
