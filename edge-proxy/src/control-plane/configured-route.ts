import type { KeyPlace } from '../domain/key-place.ts';
import type { RampPlan } from '../domain/ramp.ts';
import type { RetirementTerms } from '../domain/retirement.ts';
import type { Weight } from '../domain/weight.ts';

/** What the control plane knows of a route's configuration. */
export type ConfiguredRoute = {
  readonly name: string;
  /** The exact path that the route takes. */
  readonly path: string;
  /** The names of the upstreams on both sides. */
  readonly sides: { readonly old: string; readonly new: string };
  readonly key: KeyPlace;
  /** Counts only while the store has no state for the route. */
  readonly initialWeight: Weight;
  /** Of all by which what people meet is judged and compared: counts under another one are of another route. */
  readonly digest: string;
  /** What takes longer, whole, is slow. */
  readonly objectiveMs: number;
  /** Of ramps that are started without a plan of their own. */
  readonly ramp?: RampPlan | undefined;
  readonly retire: RetirementTerms;
};

/** What is configured and does not change while the edge runs. */
export type ConfiguredRouting = {
  readonly routes: readonly ConfiguredRoute[];
  readonly upstreams: readonly { readonly name: string; readonly url: string }[];
  /** The name of the upstream that serves what no route takes. */
  readonly defaultUpstream: string;
  /** Paths that are never passed on. */
  readonly internalPaths: readonly string[];
};
