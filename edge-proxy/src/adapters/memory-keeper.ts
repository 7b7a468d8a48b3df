import type { KeptRoutes, RouteKeeper } from '../control-plane/kept-routes.ts';

/** A memory that ends with its process: for an edge whose store is on its own disk. */
export class MemoryKeeper implements RouteKeeper {
  #kept: KeptRoutes = { storeId: undefined, states: new Map(), pending: [] };

  async load(): Promise<KeptRoutes> {
    return this.#kept;
  }

  async save({ storeId, states, pending }: KeptRoutes): Promise<void> {
    this.#kept = { storeId, states: new Map(states), pending: [...pending] };
  }
}
