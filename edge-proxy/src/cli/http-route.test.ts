import { schemaProblems } from '@fit/test-kit/kubernetes-schema';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { httpRoute, serviceOf, whyNoHttpRoute } from './http-route.ts';
import type { HttpRouteOptions } from './http-route.ts';
import { WOD } from './test/canned-edge.ts';

const OPTIONS: HttpRouteOptions = {
  sides: { old: { name: 'legacy-monolith', port: 3000 }, new: { name: 'coach-service', namespace: 'new', port: 3001 } },
  parent: { kind: 'Gateway', name: 'front', namespace: 'gateways' },
};

const weights = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

test('at any weight the parts sum to 100 % in hundredths, the new one is the weight, and the schema holds', async () => {
  await fc.assert(
    fc.asyncProperty(weights, async (weight) => {
      const made = httpRoute({ ...WOD, weight }, OPTIONS);
      expect(await schemaProblems(made)).toEqual([]);
      const [old, ofNew] = made.spec.rules[0]!.backendRefs;
      expect(old!.weight + ofNew!.weight).toBe(10_000);
      expect(ofNew!.weight / 100).toBe(weight);
    }),
    { numRuns: 300 },
  );
});

test('it is as the Gateway API has it', () => {
  expect(httpRoute(WOD, { ...OPTIONS, namespace: 'fit', hostname: 'fit.example' })).toEqual({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: 'wod',
      namespace: 'fit',
      labels: { 'app.kubernetes.io/managed-by': 'edgectl' },
      annotations: {
        'strangler-edge/revision': '3',
        'strangler-edge/phase': 'canary',
        'strangler-edge/changed-at': '2026-03-01T03:00:00.000Z',
      },
    },
    spec: {
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'gateways', name: 'front' }],
      hostnames: ['fit.example'],
      rules: [
        {
          matches: [{ path: { type: 'Exact', value: '/fitness/wod' } }],
          backendRefs: [
            { name: 'legacy-monolith', port: 3000, weight: 9000 },
            { name: 'coach-service', namespace: 'new', port: 3001, weight: 1000 },
          ],
        },
      ],
    },
  });
});

test('a retired route has its new side alone; one that nobody changed does not say when', async () => {
  const retired = httpRoute({ ...WOD, weight: 100, retired: true, phase: 'retired' }, OPTIONS);
  expect(retired.spec.rules[0]!.backendRefs).toEqual([{ ...OPTIONS.sides.new, weight: 10_000 }]);
  const unchanged = httpRoute({ ...WOD, changed_at: null }, { ...OPTIONS, parent: { kind: 'Service', name: 'wod' } });
  expect(Object.keys(unchanged.metadata.annotations)).toEqual(['strangler-edge/revision', 'strangler-edge/phase']);
  expect(unchanged.spec.parentRefs).toEqual([{ group: '', kind: 'Service', name: 'wod' }]);
  for (const made of [retired, unchanged]) expect(await schemaProblems(made)).toEqual([]);
});

describe('what cannot be an HTTPRoute', () => {
  test.each(['/', '/fitness/wod', '/a/.b/..c', "/%41~!$&'()*+,;=:@", `/${'a'.repeat(1023)}`])('%s can', (path) => {
    expect(whyNoHttpRoute({ route: 'wod', path })).toBeUndefined();
  });

  test.each([
    '//',
    '/a//b',
    '/a/../b',
    '/a/.',
    '/..',
    '/a%2fb',
    '/a%2Fb',
    '/%4',
    '/ü',
    '/{id}',
    `/${'a'.repeat(1024)}`,
  ])('%s cannot', (path) => {
    expect(whyNoHttpRoute({ route: 'wod', path })).toContain('is no path that one can match');
  });

  test('a name that ends with a dash cannot', () => {
    expect(whyNoHttpRoute({ route: 'wod-', path: '/wod' })).toContain('its name ends with a dash');
  });
});

test.each([
  ['http://coach:3001', { name: 'coach', port: 3001 }],
  ['http://coach', { name: 'coach', port: 80 }],
  ['http://coach.fit.svc:3001', { name: 'coach', namespace: 'fit', port: 3001 }],
  ['http://coach.fit.svc.cluster.local:3001', { name: 'coach', namespace: 'fit', port: 3001 }],
  ['http://localhost:3001', undefined],
  ['http://127.0.0.1:3001', undefined],
  ['http://[::1]:3001', undefined],
  ['http://coach.example:3001', undefined],
  ['https://coach:3001', undefined],
])('%s is the Service %j', (url, service) => {
  expect(serviceOf(url)).toEqual(service);
});
