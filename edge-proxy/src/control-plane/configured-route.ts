import type { Weight } from '../domain/weight.ts';

/** What the control plane knows of a route's configuration. */
export type ConfiguredRoute = {
  readonly name: string;
  /** The exact path that the route takes. */
  readonly path: string;
  /** The names of the upstreams on both sides. */
  readonly sides: { readonly old: string; readonly new: string };
  /** Counts only while the store has no state for the route. */
  readonly initialWeight: Weight;
};
