import { portNumber, workloadsOf } from './manifests.ts';
import type { Manifests, NetworkPolicy, Peer, Selector } from './manifests.ts';

/** Pods that somebody starts by hand, by a label. */
const BY_HAND = { 'fit.example/operator': 'true' };
const OPERATOR = 'operator';

/** Who may reach whom, and on which port: `edge-proxy → coach-service:3001`. Whoever is outside is named in brackets. */
export function admitted(manifests: Manifests): string[] {
  return sorted(
    manifests.policies.flatMap(({ spec }) =>
      (spec.ingress ?? []).flatMap(({ from = [{}], ports }) =>
        inside(manifests, spec.podSelector).flatMap((to) =>
          ports.flatMap(({ port }) =>
            from.flatMap((peer) => peersOf(manifests, peer)).map((source) => `${source} → ${at(manifests, to, port)}`),
          ),
        ),
      ),
    ),
  );
}

/** The same as those see it who want to get there. */
export function attempted(manifests: Manifests): string[] {
  return sorted(
    manifests.policies.flatMap(({ spec }) =>
      (spec.egress ?? []).flatMap(({ to = [{}], ports }) =>
        inside(manifests, spec.podSelector).flatMap((source) =>
          ports.flatMap(({ port }) =>
            to.flatMap((peer) => peersOf(manifests, peer)).map((name) => `${source} → ${at(manifests, name, port)}`),
          ),
        ),
      ),
    ),
  );
}

/** A way within the namespace is open at both of its ends, or it is none. */
export function openAtBothEnds(manifests: Manifests): string[] {
  const isInside = (way: string) => !way.includes('[');
  const letInFrom = new Set(admitted(manifests));
  const letIn = [...letInFrom].filter(isInside);
  const letOut = attempted(manifests).filter(isInside);
  return [
    ...letIn.filter((way) => !letOut.includes(way)).map((way) => `${way}: is let in, but not out`),
    ...letOut
      .filter((way) => !letInFrom.has(way) && !letInFrom.has(way.replace(/^\S+/, '[anybody]')))
      .map((way) => `${way}: is let out, but not in`),
  ];
}

/** Nobody is reached, and nobody reaches anything, whom no policy names. */
export function deniedByDefault({ policies }: Manifests): string[] {
  const isDefault = ({ spec }: NetworkPolicy) =>
    Object.keys(spec.podSelector).length === 0 && spec.policyTypes.length === 2 && !spec.ingress && !spec.egress;
  return policies.some(isDefault) ? [] : ['no NetworkPolicy denies everything to everybody'];
}

/** Every selector of a policy finds a pod of ours. */
export function policiesFindPods(manifests: Manifests): string[] {
  return manifests.policies.flatMap(({ metadata, spec }) => {
    const peers = [
      ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
      ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
    ];
    const ofOurs = peers.filter(({ namespaceSelector, ipBlock }) => !namespaceSelector && !ipBlock);
    return [spec.podSelector, ...ofOurs.map(({ podSelector = {} }) => podSelector)]
      .filter((selector) => inside(manifests, selector).length === 0)
      .map((selector) => `NetworkPolicy ${metadata.name}: no pod is ${JSON.stringify(selector)}`);
  });
}

/** No Service that is reached from outside of the cluster leads to the admin port. */
export function adminStaysInside(manifests: Manifests): string[] {
  const admin = manifests.workloads.flatMap((workload) => portNumber(workload, 'admin') ?? []);
  const leadsThere = manifests.services.filter(({ spec }) =>
    workloadsOf(manifests, { matchLabels: spec.selector }).some((workload) =>
      spec.ports.some(({ targetPort }) => admin.includes(portNumber(workload, targetPort) ?? -1)),
    ),
  );
  const problems = leadsThere
    .filter(({ spec }) => (spec.type ?? 'ClusterIP') !== 'ClusterIP')
    .map(({ metadata, spec }) => `Service ${metadata.name}: leads to the admin port, and is a ${spec.type}`);
  return leadsThere.length === 0 ? ['no Service leads to the admin port'] : problems;
}

function inside(manifests: Manifests, selector: Selector): string[] {
  const names = workloadsOf(manifests, selector).map(({ metadata }) => metadata.name);
  const isByHand = JSON.stringify(selector.matchLabels) === JSON.stringify(BY_HAND);
  return isByHand ? [...names, OPERATOR] : names;
}

function peersOf(manifests: Manifests, { podSelector, namespaceSelector, ipBlock }: Peer): string[] {
  if (ipBlock) return [`[${ipBlock.cidr}]`];
  const labels = Object.values(podSelector?.matchLabels ?? {}).join(',');
  if (namespaceSelector) return [`[${Object.values(namespaceSelector.matchLabels ?? {}).join(',')}/${labels}]`];
  return podSelector ? inside(manifests, podSelector) : ['[anybody]'];
}

function at(manifests: Manifests, name: string, port: string | number): string {
  const workload = manifests.workloads.find(({ metadata }) => metadata.name === name);
  return `${name}:${(workload && portNumber(workload, port)) ?? port}`;
}

function sorted(ways: string[]): string[] {
  return [...new Set(ways)].toSorted();
}
