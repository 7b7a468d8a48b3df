import { expect, test } from '@jest/globals';
import type { RequestRecord } from '../data-plane/pipeline.ts';
import { OldSideUse } from './old-side-use.ts';

const old = { name: 'legacy' };
const fresh = { name: 'coach' };
const route = { name: 'wod', sides: { old, new: fresh } };
const byWeight = { side: 'old', by: 'weight' };

test.each([
  ['by weight', { servedBy: old, assignment: byWeight }, { servedByWeight: 7 }],
  [
    'as fallback',
    { servedBy: old, assignment: { side: 'new', by: 'weight' }, fallback: 'reset' },
    { servedByFallback: 7 },
  ],
  ['for a tester', { servedBy: old, assignment: { side: 'old', by: 'preference' } }, { servedByOverride: 7 }],
  ['not at all by the new side', { servedBy: fresh, assignment: { side: 'new', by: 'weight' } }, {}],
  ['not at all by the edge itself', { servedBy: undefined, assignment: byWeight }, {}],
  ['not at all without a route', { servedBy: old, route: undefined, assignment: undefined }, {}],
])('the old side served %s', (_how, record, use) => {
  const uses = new OldSideUse(() => 7);
  uses.add({ route, ...record } as unknown as RequestRecord);
  expect(uses.of('wod')).toEqual(use);
});
