import type { RequestRecord } from '../data-plane/pipeline.ts';
import type { RouteFacts } from '../domain/retirement.ts';

type Use = { -readonly [Way in 'servedByWeight' | 'servedByFallback' | 'servedByOverride']?: number };

/** When the old side of each route last served a person, by why. At a request it is a comparison, and a time at times. */
export class OldSideUse {
  readonly #now: () => number;
  readonly #byRoute = new Map<string, Use>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add({ route, assignment, servedBy, fallback }: RequestRecord): void {
    if (!route || !assignment || servedBy === undefined || servedBy.name !== route.sides.old.name) return;
    const use = this.#useOf(route.name);
    const now = this.#now();
    if (fallback) use.servedByFallback = now;
    else if (assignment.by === 'preference') use.servedByOverride = now;
    else use.servedByWeight = now;
  }

  readonly of = (route: string): Pick<RouteFacts, keyof Use> => ({ ...this.#byRoute.get(route) });

  #useOf(route: string): Use {
    let use = this.#byRoute.get(route);
    if (!use) this.#byRoute.set(route, (use = {}));
    return use;
  }
}
