import type { RouteFile } from '../config/route-file.ts';
import { FallbackBudget } from '../domain/fallback-budget.ts';
import type { KeyPlace } from '../domain/key-place.ts';
import { plainPath } from '../domain/plain-path.ts';
import type { SeenUsers } from '../domain/seen-users.ts';
import type { Side } from '../domain/split.ts';
import type { Upstream } from './upstream.ts';

/** A configured migration with its upstreams resolved. */
export type Route = {
  name: string;
  path: string;
  key: KeyPlace;
  deadlineMs: number;
  /** What takes longer is slow. */
  objectiveMs: number;
  sides: Readonly<Record<Side, Upstream>>;
  budget: FallbackBudget;
  /** What answers for the new side when that fails. */
  fallback: { upstream: Upstream; budget: FallbackBudget };
  /** Who asked for it lately. */
  users: SeenUsers;
};

export type Routing = {
  /** Which route a path belongs to: exact and case-sensitive, as every server behind matches it. */
  match(path: string): Route | undefined;
  /** Whether a server behind, however freely it reads paths, might take this one for an internal path. */
  isInternal(path: string): boolean;
  defaultUpstream: Upstream;
};

export type RoutingParts = {
  upstreams: ReadonlyMap<string, Upstream>;
  usersOf: (route: string) => SeenUsers;
};

/** What the data plane follows; the whole of it changes at once, and a request that has begun keeps what it began with. */
export class RoutingHolder {
  current: Routing;

  constructor(routing: Routing) {
    this.current = routing;
  }
}

export function createRouting(file: RouteFile, { upstreams, usersOf }: RoutingParts): Routing {
  const resolve = (name: string): Upstream => {
    const upstream = upstreams.get(name);
    if (!upstream) throw new Error(`There is no upstream ${name}`);
    return upstream;
  };
  const byPath = new Map(
    file.routes.map((route): [string, Route] => {
      const sides = { old: resolve(route.old), new: resolve(route.new) };
      const budget = new FallbackBudget({ percent: route.fallbackBudgetPercent });
      const users = usersOf(route.name);
      return [route.path, { ...route, sides, budget, fallback: { upstream: sides.old, budget }, users }];
    }),
  );
  const internal = new Set(file.internalPaths.map(plainPath));
  return {
    match: (path) => byPath.get(path),
    isInternal: (path) => internal.has(plainPath(path)),
    defaultUpstream: resolve(file.defaultUpstream),
  };
}
