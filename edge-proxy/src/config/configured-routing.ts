import { createHash } from 'node:crypto';
import type { ConfiguredRouting } from '../control-plane/configured-route.ts';
import type { RouteConfig, RouteFile } from './route-file.ts';

/** What the control plane knows of a route file. */
export function configuredRouting({ upstreams, defaultUpstream, internalPaths, routes }: RouteFile): ConfiguredRouting {
  return {
    upstreams: Object.entries(upstreams).map(([name, { url }]) => ({ name, url: new URL(url).origin })),
    defaultUpstream,
    internalPaths,
    routes: routes.map((route) => ({
      ...route,
      sides: { old: route.old, new: route.new },
      digest: digestOf(route, upstreams),
    })),
  };
}

/** Tells routes apart on which people, servers or rules differ. */
function digestOf(
  { path, old, new: fresh, key, objectiveMs, compare }: RouteConfig,
  upstreams: RouteFile['upstreams'],
): string {
  const judged = { path, old: upstreams[old]!.url, new: upstreams[fresh]!.url, key, objectiveMs, compare };
  return createHash('sha256').update(JSON.stringify(judged)).digest('hex').slice(0, 12);
}
