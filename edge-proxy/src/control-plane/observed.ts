import type { Evidence } from '../domain/evidence.ts';
import type { ParityReport } from '../domain/parity.ts';
import type { RouteFacts } from '../domain/retirement.ts';
import type { RouteTraffic } from '../domain/traffic.ts';
import type { Weight } from '../domain/weight.ts';
import type { UpstreamReport } from './route-store.ts';

/** What this edge's data plane sees. */
export type Observed = {
  trafficOf: (route: string) => RouteTraffic;
  upstreams: () => Readonly<Record<string, UpstreamReport>>;
  usersBetween: (route: string, from: Weight, to: Weight) => { seen: number; moving: number };
  /** Of the epoch that its requests belong to; undefined while there were none. */
  evidenceOf: (route: string) => Evidence | undefined;
  /** Since mirroring began. */
  parityOf: (route: string) => ParityReport;
  /** Whether the route has rules for the content of answers, and they are switched on. */
  checksContent: (route: string) => boolean;
  /** When the old side last served a person, by why; milliseconds since the epoch. */
  oldSideUseOf: (route: string) => Pick<RouteFacts, 'servedByWeight' | 'servedByFallback' | 'servedByOverride'>;
  /** Calls a counter of an upstream by its selector; undefined where it cannot be had. */
  countersOf: (
    upstream: string,
    path: string,
    selectors: readonly string[],
  ) => Promise<readonly (number | undefined)[]>;
};
