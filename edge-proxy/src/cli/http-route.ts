import type { RouteView } from '../admin-api/schemas.ts';

/** A Service of Kubernetes; without a namespace in that of whoever names it. */
export type ServicePort = { name: string; namespace?: string; port: number };

/** What an HTTPRoute belongs to: a Gateway, or in a mesh the Service that callers name (GAMMA, GEP-1294). */
export type RouteParent = { kind: 'Gateway' | 'Service'; name: string; namespace?: string; port?: number };

export type HttpRouteOptions = {
  sides: { old: ServicePort; new: ServicePort };
  parent: RouteParent;
  namespace?: string | undefined;
  hostname?: string | undefined;
};

type BackendRef = ServicePort & { weight: number };

/** gateway.networking.k8s.io/v1, as far as weights need it. */
export type HttpRoute = {
  apiVersion: 'gateway.networking.k8s.io/v1';
  kind: 'HTTPRoute';
  metadata: { name: string; namespace?: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    parentRefs: (RouteParent & { group: string })[];
    hostnames?: string[];
    rules: { matches: { path: { type: 'Exact'; value: string } }[]; backendRefs: BackendRef[] }[];
  };
};

/** 100 %, in hundredths of a percent. */
const ALL = 10_000;

const GROUPS = { Gateway: 'gateway.networking.k8s.io', Service: '' } as const;

/** A DNS label (RFC 1123, section 2.1). */
const LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What an exact path of an HTTPRoute may be: RFC 3986's characters, plainly written, at most 1024. */
const PATH = /^(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)|%2f))\/(?:[-\w/.~!$&'()*+,;=:@]|%[0-9a-f]{2}){0,1023}$/i;

/** Why this route cannot be one of Kubernetes; undefined if it can. */
export function whyNoHttpRoute({ route, path }: Pick<RouteView, 'route' | 'path'>): string | undefined {
  if (!LABEL.test(route)) return `route ${route} cannot be an HTTPRoute: its name ends with a dash`;
  if (PATH.test(path)) return undefined;
  return `route ${route} cannot be an HTTPRoute: ${JSON.stringify(path)} is no path that one can match`;
}

/**
 * The weights in force, in hundredths of a percent that sum to 10,000. A side of weight 0 is named, as it gets no traffic
 * then; the old side of a retired route is not.
 */
export function httpRoute(view: RouteView, { sides, parent, namespace, hostname }: HttpRouteOptions): HttpRoute {
  const { route, path, revision, phase, changed_at: changedAt } = view;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: route,
      ...(namespace !== undefined && { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'edgectl' },
      annotations: {
        'strangler-edge/revision': String(revision),
        'strangler-edge/phase': phase,
        ...(changedAt !== null && { 'strangler-edge/changed-at': changedAt }),
      },
    },
    spec: {
      parentRefs: [{ group: GROUPS[parent.kind], ...parent }],
      ...(hostname !== undefined && { hostnames: [hostname] }),
      rules: [{ matches: [{ path: { type: 'Exact', value: path } }], backendRefs: backendRefs(view, sides) }],
    },
  };
}

function backendRefs({ weight, retired }: RouteView, sides: HttpRouteOptions['sides']): BackendRef[] {
  if (retired) return [{ ...sides.new, weight: ALL }];
  const ofNew = Math.round(weight * 100);
  return [
    { ...sides.old, weight: ALL - ofNew },
    { ...sides.new, weight: ofNew },
  ];
}

/** `http://coach:3001`, `http://coach.fit.svc:3001` or `http://coach.fit.svc.cluster.local:3001` */
const OF_CLUSTER = /^([a-z][a-z0-9-]*)(?:\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?)?$/;

/** The Service that an upstream's URL names; undefined if it names something else. */
export function serviceOf(url: string): ServicePort | undefined {
  const { protocol, hostname, port } = new URL(url);
  const [, name, namespace] = OF_CLUSTER.exec(hostname) ?? [];
  if (protocol !== 'http:' || name === undefined || name === 'localhost') return undefined;
  return { name, ...(namespace !== undefined && { namespace }), port: port === '' ? 80 : Number(port) };
}
