/** As much of an object as says what it is. */
export type KubernetesObject = { apiVersion: string; kind: string; metadata: { name: string } };

type Model = { prototype: { validate: (this: unknown) => void } };

/** Where the models of an API group are, and what its version is; the core group has no name. */
const PACKAGES: Record<string, (kind: string, version: string) => string> = {
  'gateway.networking.k8s.io': (kind, version) =>
    `@kubernetes-models/gateway-api/gateway.networking.k8s.io/${version}/${kind}`,
  'monitoring.coreos.com': (kind, version) =>
    `@kubernetes-models/prometheus-operator/monitoring.coreos.com/${version}/${kind}`,
};

/**
 * What the schema of its kind says against an object: of Kubernetes itself, of the Gateway API or of the Prometheus operator.
 * A field that the schema does not know is a problem too, as it is for `kubectl apply` with strict validation.
 *
 * The models' validators are compiled from the schemas, and pass over unknown fields in silence. They look at every field
 * that they know, though, whether it is right or not: what they did not look at is unknown.
 *
 * @throws Error if there is no such kind
 */
export async function schemaProblems(object: KubernetesObject): Promise<string[]> {
  const { prototype } = await modelOf(object);
  const unread = new Set<string>();
  try {
    prototype.validate.call(watched(object, '', unread));
  } catch (error) {
    return [(error as Error).message];
  }
  return [...unread].map((path) => `there is no field ${path}`);
}

async function modelOf({ apiVersion, kind }: KubernetesObject): Promise<Model> {
  const [version, group] = apiVersion.split('/', 2).toReversed() as [string, string?];
  const ofKubernetes = () => `kubernetes-models/${apiVersion}/${kind}`;
  const file = (PACKAGES[group ?? ''] ?? ofKubernetes)(kind, version);
  const module = (await import(file)) as Record<string, Model>;
  return module[kind]!;
}

/** Behaves as the value does; `unread` holds the paths of those fields that nobody has read. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const fieldPath = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const name of Object.keys(value)) unread.add(fieldPath(name));
  const fields = new Map<string, unknown>();
  return new Proxy(value, {
    get: (target, name, receiver) => {
      if (typeof name !== 'string' || !Object.hasOwn(target, name)) return Reflect.get(target, name, receiver);
      unread.delete(fieldPath(name));
      if (!fields.has(name)) fields.set(name, watched(Reflect.get(target, name), fieldPath(name), unread));
      return fields.get(name);
    },
  });
}
