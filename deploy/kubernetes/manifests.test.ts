import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describeWith } from '@fit/test-kit/components';
import { schemaProblems } from '@fit/test-kit/kubernetes-schema';
import { KUSTOMIZE } from '@fit/test-kit/kustomize';
import type { Kustomize } from '@fit/test-kit/kustomize';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { manifestsOf, named, selects, variablesOf } from './test/manifests.ts';
import type { Manifests } from './test/manifests.ts';
import {
  adminStaysInside,
  admitted,
  attempted,
  deniedByDefault,
  openAtBothEnds,
  policiesFindPods,
} from './test/network-rules.ts';
import { hardened, rolledWithoutLoss, secretsByReference } from './test/pod-rules.ts';
import { addressesAreServices, everythingFindsItsPods, portsAgree, scaledByOneHand } from './test/wiring-rules.ts';

const HERE = import.meta.dirname;

const TRACED = ['coach-service', 'edge-proxy', 'legacy-monolith'];

const RULES = {
  hardened,
  rolledWithoutLoss,
  secretsByReference,
  deniedByDefault,
  openAtBothEnds,
  policiesFindPods,
  adminStaysInside,
  everythingFindsItsPods,
  scaledByOneHand,
  portsAgree,
  addressesAreServices,
};

/** The base with a component that no overlay takes by itself. */
function withTraces(kustomize: Kustomize): string {
  const folder = mkdtempSync(join(tmpdir(), 'kustomize-'));
  try {
    const [base, traces] = ['base', 'components/traces'].map((path) => relative(folder, join(HERE, path)));
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ resources: [base], components: [traces] }));
    return kustomize(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const INSIDE = [
  'coach-service → legacy-monolith:3000',
  'edge-proxy → coach-service:3001',
  'edge-proxy → legacy-monolith:3000',
  'nginx → edge-proxy:8080',
  'nginx → legacy-monolith:3000',
  'operator → edge-proxy:8081',
  '[anybody] → nginx:8000',
  '[anybody] → nginx:8443',
];

/** Who is let in where, beside those of `INSIDE`. */
const LET_IN = {
  base: [],
  'overlays/local': ['edge-proxy → redis:6379', 'legacy-monolith → postgres:5432'],
  'overlays/production': [
    '[monitoring/prometheus] → coach-service:3001',
    '[monitoring/prometheus] → edge-proxy:8081',
    '[monitoring/prometheus] → legacy-monolith:3000',
  ],
  'the base with traces': [],
};

await describeWith(KUSTOMIZE, 'manifests', (kustomize) => {
  const built = new Map(
    Object.keys(LET_IN).map((name) => {
      const yaml = name === 'the base with traces' ? withTraces(kustomize) : kustomize(join(HERE, name));
      return [name, manifestsOf(yaml)] as const;
    }),
  );
  const folders = [...built].map(([name, manifests]) => ({ name, manifests }));

  describe.each(folders)('$name', ({ name, manifests }) => {
    test('every object is what the schema of its kind says', async () => {
      const problems = await Promise.all(
        manifests.objects.map(async (object) =>
          (await schemaProblems(object)).map((problem) => `${object.kind} ${object.metadata.name}: ${problem}`),
        ),
      );
      expect(problems.flat()).toEqual([]);
    });

    test.each(Object.entries(RULES))('%s', (_, rule) => {
      expect(rule(manifests)).toEqual([]);
    });

    test('nobody else is let in', () => {
      expect(admitted(manifests)).toEqual([...INSIDE, ...LET_IN[name as keyof typeof LET_IN]].toSorted());
    });
  });

  test('in production there are at least three edges, and every image is pinned to a release', () => {
    const { autoscalers, workloads } = built.get('overlays/production')!;
    expect(named(autoscalers, 'edge-proxy').spec.minReplicas).toBeGreaterThanOrEqual(3);
    expect(imagesOf({ workloads }).filter((image) => !/(:\d|@sha256:)/.test(image))).toEqual([]);
  });

  test('locally the images are those that Compose builds and starts', () => {
    const compose = readFileSync(join(HERE, '..', '..', 'docker-compose.yml'), 'utf8');
    const ofCompose = [...compose.matchAll(/^ +image: (\S+)$/gm)].map(([, image]) =>
      image!.replace(/\$\{\w+:-([^}]*)\}/, '$1'),
    );
    expect(imagesOf(built.get('overlays/local')!).filter((image) => !ofCompose.includes(image))).toEqual([]);
  });

  test('the jobs of Prometheus are those that its rules know', () => {
    const { monitors, services } = built.get('overlays/production')!;
    const jobs = monitors.map(({ spec }) => {
      const { metadata } = services.find((each) => selects(spec.selector, each.metadata.labels ?? {}))!;
      return metadata.labels![spec.jobLabel];
    });
    const { scrape_configs: known } = parse(readFileSync(join(HERE, '..', 'observe', 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { job_name: string }[];
    };
    expect(new Set(jobs)).toEqual(
      new Set(known.map(({ job_name: name }) => name).filter((name) => name !== 'prometheus')),
    );
  });

  test('traces go to the collector, and nowhere else', () => {
    const manifests = built.get('the base with traces')!;
    const told = manifests.workloads.filter((each) =>
      variablesOf(each).some(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    );
    expect(told.map(({ metadata }) => metadata.name).toSorted()).toEqual(TRACED);
    const ways = attempted(manifests);
    expect(ways.filter((way) => way.endsWith(':4318'))).toEqual(
      TRACED.map((from) => `${from} → [monitoring/opentelemetry-collector]:4318`),
    );
  });

  /** What somebody may get wrong, and who finds it. */
  const MISTAKES: [string, (manifests: Manifests) => void, keyof typeof RULES | 'schema'][] = [
    ['a misspelt field', ({ workloads }) => renameField(pod(workloads), 'securityContext', 'securityContex'), 'schema'],
    ['a text for a number', ({ workloads }) => Object.assign(workloads[0]!.spec, { replicas: '2' }), 'schema'],
    ['a probe less', ({ workloads }) => delete container(workloads).livenessProbe, 'hardened'],
    ['a user by name only', ({ workloads }) => delete pod(workloads).securityContext!.runAsUser, 'hardened'],
    ['a root file system that is written', ({ workloads }) => delete container(workloads).securityContext, 'hardened'],
    ['a pod less while rolling', ({ workloads }) => delete workloads[0]!.spec.strategy, 'rolledWithoutLoss'],
    [
      'a token in the environment',
      ({ workloads }) => container(workloads).env!.push({ name: 'METRICS_TOKEN', value: 'in plain sight' }),
      'secretsByReference',
    ],
    [
      'a password in a URL',
      ({ workloads }) => container(workloads).env!.push({ name: 'ELSEWHERE', value: 'redis://fit:secret@redis' }),
      'secretsByReference',
    ],
    [
      'no denial',
      ({ policies }) => policies.splice(policies.indexOf(named(policies, 'default-deny')), 1),
      'deniedByDefault',
    ],
    [
      'a way that is let in only',
      ({ policies }) => delete named(policies, 'coach-service').spec.egress,
      'openAtBothEnds',
    ],
    [
      'a policy for nobody',
      ({ policies }) => (named(policies, 'nginx').spec.podSelector = { matchLabels: { app: 'nginx' } }),
      'policiesFindPods',
    ],
    [
      'an admin port on the outside',
      ({ services }) => (named(services, 'edge-admin').spec.type = 'NodePort'),
      'adminStaysInside',
    ],
    [
      'a Service without pods',
      ({ services }) => (named(services, 'nginx').spec.selector = { app: 'nginx' }),
      'everythingFindsItsPods',
    ],
    [
      'a Service with a port that is none',
      ({ services }) => (named(services, 'nginx').spec.ports[0]!.targetPort = 'web'),
      'everythingFindsItsPods',
    ],
    ['two who scale', ({ workloads }) => (named(workloads, 'edge-proxy').spec.replicas = 4), 'scaledByOneHand'],
    ['a target of nobody', ({ autoscalers }) => (autoscalers[0]!.spec.scaleTargetRef.name = 'edge'), 'scaledByOneHand'],
    ['a budget less', ({ budgets }) => budgets.splice(0, 1), 'scaledByOneHand'],
    [
      'a probe past the port',
      ({ workloads }) => (container(workloads).readinessProbe!.httpGet!.port = 1),
      'portsAgree',
    ],
    [
      'an address that nobody has',
      ({ services }) => (named(services, 'coach-service').spec.ports[0]!.port = 3002),
      'addressesAreServices',
    ],
  ];

  test.each(MISTAKES)('%s is found', async (_, makeMistake, by) => {
    const manifests = structuredClone(built.get('overlays/local')!);
    makeMistake(manifests);
    const found = by === 'schema' ? await schemaProblems(manifests.workloads[0]!) : RULES[by](manifests);
    expect(found).not.toEqual([]);
  });
});

function imagesOf({ workloads }: Pick<Manifests, 'workloads'>): string[] {
  return workloads.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
}

/** Of the first workload, a Deployment of ours. */
function pod(workloads: Manifests['workloads']) {
  return workloads[0]!.spec.template.spec;
}

function container(workloads: Manifests['workloads']) {
  return pod(workloads).containers[0]!;
}

function renameField(object: object, from: string, to: string): void {
  const fields = object as Record<string, unknown>;
  fields[to] = fields[from];
  delete fields[from];
}
