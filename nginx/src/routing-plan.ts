/** Where the value that decides a request's side is: a claim of the token, a header or a cookie. */
export type Key = { from: 'claim' | 'header' | 'cookie'; name: string };

export type PlannedRoute = {
  route: string;
  path: string;
  key: Key;
  /** Percent of users on the new side, 0–100 in steps of 0.01. */
  weight: number;
  /** Names of upstreams. */
  sides: { old: string; new: string };
  /** The old side no longer serves it, whatever happens. */
  retired?: boolean;
};

/** What the edge would do with requests: all that Nginx needs to do the same. */
export type RoutingPlan = {
  upstreams: readonly { name: string; url: string }[];
  /** The name of the upstream that serves what no route takes. */
  defaultUpstream: string;
  /** Never passed on. */
  internalPaths: readonly string[];
  routes: readonly PlannedRoute[];
};
