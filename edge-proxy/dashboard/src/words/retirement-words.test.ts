import { expect, test } from '@jest/globals';
import type { Drill, RetirementView } from '@fit/edge-proxy/admin-api/schemas';
import { drillInWords, retirementInWords } from './retirement-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each<[boolean, boolean[], string]>([
  [false, [true, true], 'Yes: every condition is met. Retire the route, then the code of legacy may go.'],
  [false, [true, false, true, true], 'Not yet: 1 of 4 conditions is not met.'],
  [false, [false, false], 'Not yet: 2 of 2 conditions are not met.'],
  [
    true,
    [true],
    'The route is retired: a fault of the new side is an error for people, as nobody else answers. The code of legacy for it may go.',
  ],
  [
    true,
    [true, false],
    'The route is retired: a fault of the new side is an error for people, as nobody else answers. But 1 of 2 conditions is not met.',
  ],
])('when retired is %p and the conditions are %p', (retired, met, expected) => {
  const conditions = met.map((each) => ({ name: 'full' as const, met: each, evidence: '' }));
  const view = { retired, may_go: met.every(Boolean), conditions } as RetirementView;
  expect(plain(retirementInWords(view, 'legacy'))).toBe(expected);
});

test.each<[Partial<Drill>, string]>([
  [{}, 'Back on 3 edges after 212 ms. The weight is 25 % again.'],
  [
    { acknowledged: false, rollback_ms: 5000 },
    'Not every one of 3 edges had rolled back after 5.00 s. The weight is 25 % again.',
  ],
  [
    { restored: false, weight: 0, replicas: 1 },
    'Back on 1 edge after 212 ms. Somebody else changed the route meanwhile, so it stays at 0 %.',
  ],
])('a drill with %p', (members, expected) => {
  const drill = {
    route: 'wod',
    rollback_ms: 212,
    acknowledged: true,
    replicas: 3,
    restored: true,
    weight: 25,
    revision: 9,
  };
  expect(plain(drillInWords({ ...drill, ...members }))).toBe(expected);
});
