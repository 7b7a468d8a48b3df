import { StartError } from '@fit/service-kit/start-error';
import type { PlannedRoute, RoutingPlan } from './routing-plan.ts';
import type { NginxSettings } from './settings.ts';
import type { Topology } from './topology.ts';

/** They mean something of their own where routes are listed. */
const WORDS_OF_A_MAP = ['default', 'hostnames', 'include', 'volatile'];

/** Nginx closes an idle connection before the upstream does (Node's servers: after 5 s), so that none ends under a request. */
const IDLE_LIMIT = '4s';

type PlanOptions = { plan: RoutingPlan; settings: NginxSettings };

/**
 * A plan as the templates' variables.
 *
 * @throws StartError if the plan has something that Nginx cannot do, or a name that a configuration cannot hold
 */
export function planVariables(topology: Topology, options: PlanOptions): Record<string, string> {
  const { plan } = options;
  const internal = [...new Set(plan.internalPaths.map(internalPattern))].map(
    (pathPattern) => `location ~* "${pathPattern}" { return 404; }`,
  );
  const variables = topology === 'edge' ? edgeVariables(options) : splitVariables(plan);
  return { ...variables, NGINX_INTERNAL_PATHS: internal.join('\n    ') };
}

/**
 * An edge that fails is left out for a second; the monolith answers only when none is left, and is never left out. For a
 * retired route it does not answer at all.
 */
function edgeVariables({ plan, settings }: PlanOptions): Record<string, string> {
  const monolith = plan.upstreams.find(({ name }) => name === plan.defaultUpstream);
  const edges = settings.edges.map((edge) => `server ${edge} max_fails=1 fail_timeout=1s;`);
  // An upstream block speaks one protocol, and the edges speak plain HTTP.
  const hasBackup = monolith !== undefined && new URL(monolith.url).protocol === 'http:';
  const retired = plan.routes.filter((route) => route.retired === true);
  return {
    NGINX_EDGES: edges.join('\n    '),
    NGINX_BACKUP: hasBackup ? `server ${hostOf(monolith.url)} max_fails=0 backup;` : '',
    NGINX_TRIES: String(edges.length + (hasBackup ? 1 : 0)),
    // Lenient servers cut a fragment off.
    NGINX_RETIRED: retired.map(({ path }) => `"~^${pattern(path)}(?:[?#]|$)" edges_only;`).join('\n    '),
  };
}

function splitVariables({ upstreams, routes, defaultUpstream }: RoutingPlan): Record<string, string> {
  return {
    NGINX_UPSTREAMS: upstreams.map(upstreamBlock).join('\n  '),
    NGINX_DEFAULT: safe(defaultUpstream),
    NGINX_PATHS: routes.map(({ path, route }) => `"~^${pattern(path)}(?:\\?|$)" ${safe(route)};`).join('\n    '),
    NGINX_KEYS: routes.map(({ route, key }) => `${route} "${key.from} ${safe(key.name)}";`).join('\n    '),
    NGINX_SPLITS: routes.map(splitBlock).join('\n  '),
    NGINX_SIDES: routes.map(({ route }) => `${route} ${sideVariable(route)};`).join('\n    '),
  };
}

function upstreamBlock({ name, url }: RoutingPlan['upstreams'][number]): string {
  if (new URL(url).protocol !== 'http:') {
    throw new StartError('unsplittable', `Topology direct reaches upstreams by http only, and ${name} is at ${url}`);
  }
  return `upstream ${safe(name)} {\n    server ${hostOf(url)};\n    keepalive 64;\n    keepalive_timeout ${IDLE_LIMIT};\n  }`;
}

/** `split_clients` refuses 0 %, and its 100 % misses the highest hash, so both ends name one side alone. */
function splitBlock({ route, weight, sides }: PlannedRoute): string {
  const [old, next] = [safe(sides.old), safe(sides.new)];
  const body = weight === 0 ? `* ${old};` : weight === 100 ? `* ${next};` : `${weight}% ${next}; * ${old};`;
  return `split_clients "${safe(route)}:$cohort_key" ${sideVariable(route)} { ${body} }`;
}

function sideVariable(route: string): string {
  return `$side_${route.replaceAll('-', '_')}`;
}

function hostOf(url: string): string {
  const { hostname, port } = new URL(url);
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(hostname)) throw unsafe(url);
  return `${hostname}:${port || 80}`;
}

/** A path as a regular expression that a double-quoted word of a configuration can hold. */
function pattern(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => String.fromCharCode(byte))
    .map((char) => (/[\w/-]/.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
}

/**
 * Every spelling of an internal path that a lenient server behind might take for it. Nginx compares the path decoded, with
 * single slashes and without dot segments; the rest is here: case, slashes at the end, and what some servers cut off.
 */
function internalPattern(path: string): string {
  if (path.startsWith('/.nginx/')) throw unsafe(path);
  const name = decoded(path).replace(/\/+/g, '/').replace(/\/$/, '');
  return `^${pattern(name)}(?:/*|[;?#\\s\\xa0].*)$`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw unsafe(path);
  }
}

function safe(name: string): string {
  if (!/^[\w.:/-]+$/.test(name) || WORDS_OF_A_MAP.includes(name)) throw unsafe(name);
  return name;
}

function unsafe(value: string): StartError {
  return new StartError('unsafe-name', `${JSON.stringify(value)} cannot stand in a configuration of Nginx`);
}
