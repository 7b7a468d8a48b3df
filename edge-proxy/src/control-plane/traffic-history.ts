import type { RouteState } from '../domain/route-state.ts';
import { noTraffic, sumOf } from '../domain/traffic.ts';
import type { TrafficSample } from './route-control.ts';
import { SILENT_AFTER_MS } from './route-store.ts';
import type { SeenReplica } from './route-store.ts';

/** Ten minutes of one sample a second. */
const MOST_SAMPLES = 600;

/** What each route carried lately, on all edges together. */
export class TrafficHistory {
  readonly #samples = new Map<string, TrafficSample[]>();

  /** Adds a sample of every route; routes that are gone are forgotten. */
  add(at: number, states: ReadonlyMap<string, RouteState>, replicas: readonly SeenReplica[]): void {
    const live = replicas.filter(({ seenMsAgo }) => seenMsAgo <= SILENT_AFTER_MS);
    for (const route of this.#samples.keys()) if (!states.has(route)) this.#samples.delete(route);
    for (const [route, { weight, revision }] of states) {
      const all = live.flatMap(({ routes }) => routes[route]?.traffic ?? []);
      const traffic = all.length > 0 ? sumOf(all) : noTraffic();
      this.#push(route, { at, weight, revision, traffic, replicas: all.length });
    }
  }

  /** Oldest first. */
  of(route: string): readonly TrafficSample[] {
    return this.#samples.get(route) ?? [];
  }

  #push(route: string, sample: TrafficSample): void {
    const samples = this.#samples.get(route) ?? [];
    this.#samples.set(route, samples);
    samples.push(sample);
    if (samples.length > MOST_SAMPLES) samples.shift();
  }
}
