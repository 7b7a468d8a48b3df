import { named, portNumber, selects, variablesOf, workloadsOf } from './manifests.ts';
import type { Manifests, Workload } from './manifests.ts';

/** Services, budgets and monitors find what they are for. */
export function everythingFindsItsPods(manifests: Manifests): string[] {
  const { services, budgets, monitors } = manifests;
  const ofServices = services.flatMap(({ metadata, spec }) => {
    const pods = workloadsOf(manifests, { matchLabels: spec.selector });
    if (pods.length !== 1) return [`Service ${metadata.name}: leads to ${pods.length} workloads`];
    return spec.ports
      .filter(({ targetPort }) => portNumber(pods[0]!, targetPort) === undefined)
      .map(({ targetPort }) => `Service ${metadata.name}: ${pods[0]!.metadata.name} has no port ${targetPort}`);
  });
  const ofBudgets = budgets
    .filter(({ spec }) => workloadsOf(manifests, spec.selector).length !== 1)
    .map(({ metadata }) => `PodDisruptionBudget ${metadata.name}: is of no workload`);
  const ofMonitors = monitors
    .filter(
      ({ spec }) =>
        services.filter(
          ({ metadata, spec: { ports } }) =>
            selects(spec.selector, metadata.labels ?? {}) &&
            spec.endpoints.every(({ port }) => ports.some(({ name }) => name === port)),
        ).length !== 1,
    )
    .map(({ metadata }) => `ServiceMonitor ${metadata.name}: does not find one Service with its port`);
  return [...ofServices, ...ofBudgets, ...ofMonitors];
}

/** Who is scaled says nowhere else how many it is, and everybody who serves people has a budget for disruptions. */
export function scaledByOneHand(manifests: Manifests): string[] {
  const { workloads, autoscalers, budgets } = manifests;
  const scaled = autoscalers.map(({ spec }) => spec.scaleTargetRef);
  const missing = scaled
    .filter(({ kind, name }) => !workloads.some((each) => each.kind === kind && each.metadata.name === name))
    .map(({ kind, name }) => `there is no ${kind} ${name} to scale`);
  const twice = workloads
    .filter(({ metadata, spec }) => scaled.some(({ name }) => name === metadata.name) && spec.replicas !== undefined)
    .map(({ metadata }) => `${metadata.name}: is scaled, and says how many it is`);
  const unguarded = workloads
    .filter(
      ({ kind, spec }) =>
        kind === 'Deployment' && !budgets.some((each) => selects(each.spec.selector, spec.template.metadata.labels)),
    )
    .map(({ metadata }) => `${metadata.name}: has no PodDisruptionBudget`);
  return [...missing, ...twice, ...unguarded];
}

/** Containers listen where their ports say, and are probed there. */
export function portsAgree({ workloads }: Manifests): string[] {
  return workloads.flatMap((workload) => {
    const { name } = workload.metadata;
    const listening = variablesOf(workload)
      .filter((each) => /(^|_)PORT$/.test(each.name))
      .filter(({ value }) => portNumber(workload, Number(value)) === undefined)
      .map((each) => `${name}: ${each.name}=${each.value} is no port of its containers`);
    const probed = workload.spec.template.spec.containers
      .flatMap(({ startupProbe, readinessProbe, livenessProbe }) => [startupProbe, readinessProbe, livenessProbe])
      .flatMap((probe) => probe?.httpGet ?? [])
      .filter(({ port }) => portNumber(workload, port) === undefined)
      .map(({ port }) => `${name}: is probed on ${port}, which is no port of it`);
    return [...listening, ...probed];
  });
}

/** `https://NAME:PORT` of a URL, `server NAME:PORT` of Nginx. */
const ADDRESS = /(?:https?:\/\/|server )([a-z][a-z0-9.-]*):(\d+)/g;

/** Whatever is called by a name of this namespace is a Service with that port. */
export function addressesAreServices({ workloads, services }: Manifests): string[] {
  return workloads.flatMap((workload) =>
    addressesIn(workload)
      .filter(({ host }) => !host.includes('.'))
      .filter(
        ({ host, port }) =>
          !services.some(
            ({ metadata, spec }) => metadata.name === host && spec.ports.some((each) => each.port === port),
          ),
      )
      .map(({ host, port }) => `${workload.metadata.name}: there is no Service ${host} with port ${port}`),
  );
}

function addressesIn(workload: Workload): { host: string; port: number }[] {
  return variablesOf(workload).flatMap(({ value = '' }) =>
    [...value.matchAll(ADDRESS)].map(([, host, port]) => ({ host: host!, port: Number(port) })),
  );
}

/** Seconds of a workload's life after it was told to end: the pause before the signal, and until it is killed. */
export function endOf(manifests: Manifests, name: string): { pauseSeconds: number; graceSeconds: number } {
  const pod = named(manifests.workloads, name).spec.template.spec;
  return {
    pauseSeconds: pod.containers[0]!.lifecycle?.preStop?.sleep?.seconds ?? 0,
    graceSeconds: pod.terminationGracePeriodSeconds ?? 30,
  };
}
