import { variablesOf } from './manifests.ts';
import type { Container, Manifests, PodSpec, Workload } from './manifests.ts';

type Rule = (manifests: Manifests) => string[];

/** What must hold of every container, in words, and whether it does. */
const OF_CONTAINERS: readonly (readonly [string, (container: Container) => boolean | undefined])[] = [
  ['has a startup probe', ({ startupProbe }) => startupProbe !== undefined],
  ['has a readiness probe', ({ readinessProbe }) => readinessProbe !== undefined],
  ['has a liveness probe', ({ livenessProbe }) => livenessProbe !== undefined],
  ['requests CPU and memory', ({ resources }) => Boolean(resources?.requests?.['cpu'] && resources.requests['memory'])],
  ['limits its memory', ({ resources }) => resources?.limits?.['memory'] !== undefined],
  ['escalates no privileges', (container) => container.securityContext?.allowPrivilegeEscalation === false],
  ['is not privileged', (container) => !container.securityContext?.privileged],
  ['has a root file system that is only read', (container) => container.securityContext?.readOnlyRootFilesystem],
  ['drops all capabilities', (container) => container.securityContext?.capabilities?.drop?.includes('ALL')],
  ['adds no capability', (container) => container.securityContext?.capabilities?.add === undefined],
  ['names a tag or digest of its image, or none that moves', ({ image }) => !image.endsWith(':latest')],
];

const OF_PODS: readonly (readonly [string, (pod: PodSpec) => boolean | undefined])[] = [
  ['has no token of the cluster', (pod) => pod.automountServiceAccountToken === false],
  ['gets no variables from Services', (pod) => pod.enableServiceLinks === false],
  ['is not root', ({ securityContext }) => securityContext?.runAsNonRoot],
  ['is a user by number', ({ securityContext }) => Number(securityContext?.runAsUser) > 0],
  ['is of a group by number', ({ securityContext }) => Number(securityContext?.runAsGroup) > 0],
  [
    'has its system calls filtered',
    ({ securityContext }) => securityContext?.seccompProfile?.type === 'RuntimeDefault',
  ],
  ['is not in the network of its machine', ({ hostNetwork }) => !hostNetwork],
  ['mounts no folder of its machine', ({ volumes = [] }) => volumes.every(({ hostPath }) => hostPath === undefined)],
];

export const hardened: Rule = ({ workloads }) => [
  ...workloads.flatMap((workload) => broken(OF_PODS, workload.spec.template.spec, nameOf(workload))),
  ...workloads.flatMap((workload) =>
    workload.spec.template.spec.containers.flatMap((container) =>
      broken(OF_CONTAINERS, container, `${nameOf(workload)}, container ${container.name}`),
    ),
  ),
];

/** Deployments lose no pod before its successor is ready. */
export const rolledWithoutLoss: Rule = ({ workloads }) =>
  workloads
    .filter(({ kind, spec }) => kind === 'Deployment' && spec.strategy?.rollingUpdate?.maxUnavailable !== 0)
    .map((workload) => `${nameOf(workload)}: maxUnavailable must be 0`);

const SECRET_NAME = /PASSWORD|TOKEN|SECRET|WEBHOOK|_KEY$|DATABASE_URL|REDIS_URL/;
const MAY_BE_SAID = /_FILE$|^NGINX_CERTIFICATE_KEY$/;
const URL_WITH_PASSWORD = /\w+:\/\/[^\s/@]*:[^\s/@]+@/;

/** Secrets are named, never written down. */
export const secretsByReference: Rule = (manifests) => [
  ...manifests.objects
    .filter(({ kind }) => kind === 'Secret')
    .map(({ metadata }) => `Secret ${metadata.name}: is made by an operator, not by a manifest`),
  ...manifests.workloads.flatMap((workload) =>
    variablesOf(workload)
      .filter(({ name, value }) => value !== undefined && SECRET_NAME.test(name) && !MAY_BE_SAID.test(name))
      .map(({ name }) => `${nameOf(workload)}: ${name} must come from a Secret`),
  ),
  ...manifests.objects
    .filter((object) => URL_WITH_PASSWORD.test(JSON.stringify(object)))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}: holds a URL with a password`),
];

function broken<Part>(
  rules: readonly (readonly [string, (part: Part) => boolean | undefined])[],
  part: Part,
  name: string,
): string[] {
  return rules.filter(([, holds]) => !holds(part)).map(([rule]) => `${name}: it is not so that it ${rule}`);
}

function nameOf({ kind, metadata }: Workload): string {
  return `${kind} ${metadata.name}`;
}
