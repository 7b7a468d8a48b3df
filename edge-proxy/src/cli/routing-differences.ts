import { isDeepStrictEqual } from 'node:util';
import type { Routing } from '../admin-api/schemas.ts';
import { canBecome, variablesIn } from '../config/filled-variables.ts';
import type { Template } from '../config/filled-variables.ts';
import type { RouteConfig, RouteFile, SourcedRouteFile } from '../config/route-file.ts';

type RunningRoute = Routing['routes'][number];
type Path = Template['path'];

/** A field that is there on both sides, with other values. */
type Difference = { field: string; path: Path; ours: unknown; theirs: unknown };

/** What is compared: the rest of the file is nothing that the edge tells. */
export const COMPARED =
  'upstreams by name and url, defaultUpstream, internalPaths, and path, old, new, key and initialWeight of routes; ' +
  'not the time-outs, limits, breakers, deadlines, budgets, ramps, mirroring, comparison and terms of retirement, ' +
  'which an edge does not tell';

const RELOAD = 'send the edge SIGHUP to reload';

/** In words: where a route file says something else than the edge runs, and where the store counts instead of it. */
export function routingDifferences({ routes: file, templates }: SourcedRouteFile, running: Routing): string[] {
  const all = [
    ...upstreamDifferences(file, running),
    ...differing('defaultUpstream', ['defaultUpstream'], file.defaultUpstream, running.default_upstream),
    ...differing('internalPaths', ['internalPaths'], file.internalPaths, running.internal_paths),
    ...routesDifferences(file, running),
  ];
  return [
    ...all.map((each) => (typeof each === 'string' ? `${each}: ${RELOAD}` : differenceText(each, templates))),
    ...running.routes.flatMap((route) => weightNote(file, route)),
  ];
}

function upstreamDifferences(file: RouteFile, running: Routing): (Difference | string)[] {
  return compared(
    new Map(Object.entries(file.upstreams).map(([name, { url }]) => [name, new URL(url).origin])),
    new Map(running.upstreams.map(({ name, url }) => [name, new URL(url).origin])),
    {
      what: 'upstream',
      inBoth: (name, ours, theirs) => differing(`upstream ${name}: url`, ['upstreams', name, 'url'], ours, theirs),
    },
  );
}

function routesDifferences(file: RouteFile, running: Routing): (Difference | string)[] {
  return compared(
    new Map(file.routes.map((route, index) => [route.name, { route, index }])),
    new Map(running.routes.map((route) => [route.route, route])),
    { what: 'route', inBoth: (_, { route, index }, theirs) => routeDifferences(index, route, theirs) },
  );
}

type Comparison<Ours, Theirs> = { what: string; inBoth: (name: string, ours: Ours, theirs: Theirs) => Difference[] };

function compared<Ours, Theirs>(
  ours: ReadonlyMap<string, Ours>,
  theirs: ReadonlyMap<string, Theirs>,
  { what, inBoth }: Comparison<Ours, Theirs>,
): (Difference | string)[] {
  const inOurs = [...ours].flatMap(([name, our]): (Difference | string)[] =>
    theirs.has(name)
      ? inBoth(name, our, theirs.get(name)!)
      : [`${what} ${name} is in the file, but the edge does not run it`],
  );
  const missing = [...theirs.keys()].filter((name) => !ours.has(name));
  return [...inOurs, ...missing.map((name) => `${what} ${name} runs, but is not in the file`)];
}

function routeDifferences(index: number, ours: RouteConfig, { path, sides, key, initial_weight }: RunningRoute) {
  const member = (name: string, our: unknown, their: unknown) =>
    differing(`route ${ours.name}: ${name}`, ['routes', index, name], our, their);
  return [
    ...member('path', ours.path, path),
    ...member('old', ours.old, sides.old),
    ...member('new', ours.new, sides.new),
    ...member('key', { [ours.key.from]: ours.key.name }, { [key.from]: key.name }),
    ...member('initialWeight', ours.initialWeight / 100, initial_weight),
  ];
}

function differing(field: string, path: Path, ours: unknown, theirs: unknown): Difference[] {
  return isDeepStrictEqual(ours, theirs) ? [] : [{ field, path, ours, theirs }];
}

/** An edge keeps the environment of its start: where that alone may be what differs, to reload would change nothing. */
function differenceText(difference: Difference, templates: readonly Template[]): string {
  const { field, ours, theirs } = difference;
  const [here, there] = [JSON.stringify(ours), JSON.stringify(theirs)];
  const template = templates.find(({ path }) => isDeepStrictEqual(path, difference.path))?.text;
  // A URL is compared without its last slash.
  if (template === undefined || !canBecome(template.replace(/\/$/, ''), String(theirs))) {
    return `${field} is ${here} in the file, but ${there} in the edge: ${RELOAD}`;
  }
  return (
    `${field} is ${template} in the file, and ${variablesIn(template).join(' or ')} differs in this shell's environment: ` +
    `that makes it ${here} here; it is ${there} in the edge, which has the environment of its start`
  );
}

function weightNote(file: RouteFile, { route, weight, revision }: RunningRoute): string[] {
  const initial = file.routes.find(({ name }) => name === route)?.initialWeight;
  if (initial === undefined || revision === 0 || initial / 100 === weight) return [];
  const store = `the store has ${weight} % (revision ${revision}), which is in force`;
  return [
    `route ${route}: initialWeight is ${initial / 100} %, ${store}; the file counts only while the store has none`,
  ];
}
