import { isDeepStrictEqual } from 'node:util';
import type { UpstreamConfig } from '../config/route-file.ts';
import type { Upstream } from './upstream.ts';

export type CreateUpstream = (name: string, config: UpstreamConfig) => Upstream;

/** All servers behind the edge. One whose configuration stays keeps its connections and what is known of its health. */
export class Upstreams {
  readonly #create: CreateUpstream;
  #current = new Map<string, { config: UpstreamConfig; upstream: Upstream }>();

  constructor(create: CreateUpstream) {
    this.#create = create;
  }

  /** By name. */
  get all(): ReadonlyMap<string, Upstream> {
    return new Map([...this.#current].map(([name, { upstream }]) => [name, upstream]));
  }

  /** Those that are gone end once nothing is under way on them. */
  configure(configs: Readonly<Record<string, UpstreamConfig>>): void {
    const before = this.#current;
    this.#current = new Map(
      Object.entries(configs).map(([name, config]) => {
        const known = before.get(name);
        const stays = known !== undefined && isDeepStrictEqual(known.config, config);
        return [name, stays ? known : { config, upstream: this.#create(name, config) }];
      }),
    );
    const kept = new Set(this.all.values());
    for (const { upstream } of before.values()) if (!kept.has(upstream)) upstream.retire();
  }

  async close(): Promise<void> {
    await Promise.all([...this.all.values()].map(async (upstream) => await upstream.close()));
  }
}
