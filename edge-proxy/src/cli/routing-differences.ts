import { isDeepStrictEqual } from 'node:util';
import type { Routing } from '../admin-api/schemas.ts';
import type { RouteConfig, RouteFile } from '../config/route-file.ts';

type RunningRoute = Routing['routes'][number];

const RELOAD = 'send the edge SIGHUP to reload';

/** In words: where a route file says something else than the edge runs, and where the store counts instead of it. */
export function routingDifferences(file: RouteFile, running: Routing): string[] {
  const routes = compared(
    new Map(file.routes.map((route) => [route.name, route])),
    new Map(running.routes.map((route) => [route.route, route])),
    { what: 'route', inBoth: routeDifferences },
  );
  const upstreams = compared(
    new Map(Object.entries(file.upstreams).map(([name, { url }]) => [name, new URL(url).origin])),
    new Map(running.upstreams.map(({ name, url }) => [name, new URL(url).origin])),
    { what: 'upstream', inBoth: (name, ours, theirs) => differing(`upstream ${name}: url`, ours, theirs) },
  );
  return [
    ...upstreams,
    ...differing('defaultUpstream', file.defaultUpstream, running.default_upstream),
    ...differing('internalPaths', file.internalPaths, running.internal_paths),
    ...routes,
    ...running.routes.flatMap((route) => weightNote(file, route)),
  ];
}

type Comparison<Ours, Theirs> = { what: string; inBoth: (name: string, ours: Ours, theirs: Theirs) => string[] };

function compared<Ours, Theirs>(
  ours: ReadonlyMap<string, Ours>,
  theirs: ReadonlyMap<string, Theirs>,
  { what, inBoth }: Comparison<Ours, Theirs>,
): string[] {
  const inOurs = [...ours].flatMap(([name, our]) =>
    theirs.has(name)
      ? inBoth(name, our, theirs.get(name)!)
      : [`${what} ${name} is in the file, but the edge does not run it: ${RELOAD}`],
  );
  const missing = [...theirs.keys()].filter((name) => !ours.has(name));
  return [...inOurs, ...missing.map((name) => `${what} ${name} runs, but is not in the file: ${RELOAD}`)];
}

function routeDifferences(name: string, ours: RouteConfig, theirs: RunningRoute): string[] {
  return [
    ...differing(`route ${name}: path`, ours.path, theirs.path),
    ...differing(`route ${name}: old`, ours.old, theirs.sides.old),
    ...differing(`route ${name}: new`, ours.new, theirs.sides.new),
    ...differing(`route ${name}: key`, { [ours.key.from]: ours.key.name }, { [theirs.key.from]: theirs.key.name }),
    ...differing(`route ${name}: initialWeight`, ours.initialWeight / 100, theirs.initial_weight),
  ];
}

function differing(field: string, ours: unknown, theirs: unknown): string[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  return [`${field} is ${JSON.stringify(ours)} in the file, but ${JSON.stringify(theirs)} in the edge: ${RELOAD}`];
}

function weightNote(file: RouteFile, { route, weight, revision }: RunningRoute): string[] {
  const initial = file.routes.find(({ name }) => name === route)?.initialWeight;
  if (initial === undefined || revision === 0 || initial / 100 === weight) return [];
  const store = `the store has ${weight} % (revision ${revision}), which is in force`;
  return [
    `route ${route}: initialWeight is ${initial / 100} %, ${store}; the file counts only while the store has none`,
  ];
}
