import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '@fit/test-kit/kubernetes-schema';

/** As much of Kubernetes' objects as the rules look at. What the real schemas say of them is checked before. */

type Labels = Record<string, string>;
export type Selector = {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
};
export type EnvVariable = { name: string; value?: string; valueFrom?: object };
type Probe = { httpGet?: { path: string; port: string | number } };
export type Container = {
  name: string;
  image: string;
  env?: EnvVariable[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    privileged?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
};
export type PodSpec = {
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  hostNetwork?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: {
    runAsNonRoot?: boolean;
    runAsUser?: number;
    runAsGroup?: number;
    seccompProfile?: { type: string };
  };
  containers: Container[];
  volumes?: { name: string; hostPath?: object }[];
};
export type Workload = KubernetesObject & {
  spec: {
    replicas?: number;
    strategy?: { rollingUpdate?: { maxUnavailable?: number } };
    template: { metadata: { labels: Labels }; spec: PodSpec };
  };
};
type Service = KubernetesObject & {
  metadata: { labels?: Labels };
  spec: { type?: string; selector: Labels; ports: { name: string; port: number; targetPort: string | number }[] };
};
export type Peer = { podSelector?: Selector; namespaceSelector?: Selector; ipBlock?: { cidr: string } };
type PolicyPort = { port: string | number };
export type NetworkPolicy = KubernetesObject & {
  spec: {
    podSelector: Selector;
    policyTypes: string[];
    ingress?: { from?: Peer[]; ports: PolicyPort[] }[];
    egress?: { to?: Peer[]; ports: PolicyPort[] }[];
  };
};
type Autoscaler = KubernetesObject & {
  spec: { scaleTargetRef: { kind: string; name: string }; minReplicas: number };
};
type DisruptionBudget = KubernetesObject & { spec: { selector: Selector } };
type ServiceMonitor = KubernetesObject & {
  spec: { jobLabel: string; selector: Selector; endpoints: { port: string }[] };
};

/** All objects of a folder, by what the rules ask for. */
export type Manifests = {
  objects: KubernetesObject[];
  workloads: Workload[];
  services: Service[];
  policies: NetworkPolicy[];
  autoscalers: Autoscaler[];
  budgets: DisruptionBudget[];
  monitors: ServiceMonitor[];
};

export function manifestsOf(yaml: string): Manifests {
  return byKind(parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject));
}

function byKind(objects: KubernetesObject[]): Manifests {
  const of = <Kind extends KubernetesObject>(...kinds: string[]) =>
    objects.filter(({ kind }) => kinds.includes(kind)) as Kind[];
  return {
    objects,
    workloads: of('Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'),
    services: of('Service'),
    policies: of('NetworkPolicy'),
    autoscalers: of('HorizontalPodAutoscaler'),
    budgets: of('PodDisruptionBudget'),
    monitors: of('ServiceMonitor'),
  };
}

export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const asItIs = Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
  return (
    asItIs &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

export function workloadsOf({ workloads }: Pick<Manifests, 'workloads'>, selector: Selector): Workload[] {
  return workloads.filter(({ spec }) => selects(selector, spec.template.metadata.labels));
}

export function named<Kind extends KubernetesObject>(objects: readonly Kind[], name: string): Kind {
  const found = objects.find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`there is no ${name} among ${objects.map(({ metadata }) => metadata.name).join(', ')}`);
  return found;
}

/** The number of a pod's port, which a Service or a probe may call by its name. */
export function portNumber({ spec }: Workload, port: string | number): number | undefined {
  const ports = spec.template.spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

export function variablesOf({ spec }: Workload): EnvVariable[] {
  return spec.template.spec.containers.flatMap(({ env = [] }) => env);
}
