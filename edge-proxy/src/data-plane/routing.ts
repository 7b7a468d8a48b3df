import type { RouteFile } from '../config/route-file.ts';
import type { KeyPlace } from '../domain/key-place.ts';
import type { Side } from '../domain/split.ts';
import type { Upstream } from './upstream.ts';

/** A configured migration with its upstreams resolved. */
export type Route = {
  name: string;
  path: string;
  key: KeyPlace;
  deadlineMs: number;
  sides: Readonly<Record<Side, Upstream>>;
};

/** Which route a path belongs to: exact and case-sensitive, as every server behind matches it. */
export type Routing = {
  match(path: string): Route | undefined;
  isInternal(path: string): boolean;
  defaultUpstream: Upstream;
};

export function createRouting(file: RouteFile, upstreams: ReadonlyMap<string, Upstream>): Routing {
  const resolve = (name: string): Upstream => {
    const upstream = upstreams.get(name);
    if (!upstream) throw new Error(`There is no upstream ${name}`);
    return upstream;
  };
  const byPath = new Map(
    file.routes.map((route): [string, Route] => [
      route.path,
      { ...route, sides: { old: resolve(route.old), new: resolve(route.new) } },
    ]),
  );
  const internal = new Set(file.internalPaths);
  return {
    match: (path) => byPath.get(path),
    isInternal: (path) => internal.has(path),
    defaultUpstream: resolve(file.defaultUpstream),
  };
}
