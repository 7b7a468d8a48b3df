import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cohortKeyOf } from '../src/data-plane/cohort.ts';
import { cutOff, hashOf, sideOf } from '../src/domain/split.ts';
import { NOBODY, EVERYBODY, weightFromPercent } from '../src/domain/weight.ts';
import type { Weight } from '../src/domain/weight.ts';
import { Users, misplaced, step, userOf } from './control/users.ts';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';

/** What users send is an Authorization header: from there to their side. */
const BY_SUB = { from: 'claim', name: 'sub' } as const;
const USERS = 20_000;
const CLIENT = '192.0.2.1';

const keyOf = (...received: string[]) => cohortKeyOf(BY_SUB, { received, client: CLIENT });
const keyOfUser = (sub: string) => keyOf('authorization', userOf(sub).authorization);

const KINDS = [
  ['integers', (at: number) => `${at + 1}`],
  ['UUIDs', (at: number) => `3f2504e0-4f89-41d3-9a0c-${at.toString(16).padStart(12, '0')}`],
  ['e-mail addresses', (at: number) => `person.${at}@fit.example`],
] as const;

test.each(KINDS)(`${USERS} users with %s in their tokens: at 10 %% the share lies within 4σ`, (_kind, subOf) => {
  const weight = weightFromPercent(10);
  let onNew = 0;
  for (let at = 0; at < USERS; at++) if (sideOf('wod', keyOfUser(subOf(at)), weight) === 'new') onNew++;
  expect(Math.abs(onNew - USERS * 0.1)).toBeLessThanOrEqual(4 * Math.sqrt(USERS * 0.1 * 0.9));
});

const anySub = fc.oneof(
  fc.nat().map(String),
  fc.uuid(),
  fc.emailAddress(),
  fc.string({ minLength: 1, maxLength: 100 }),
);
const anyWeight = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths as Weight);

test('whoever has the same sub has the same side, however the rest of the header looks', () => {
  fc.assert(
    fc.property(
      anySub,
      anyWeight,
      fc.constantFrom('Bearer', 'bearer', 'BEARER'),
      fc.dictionary(
        fc.string().filter((name) => name !== 'sub' && name !== '__proto__'),
        fc.jsonValue(),
      ),
      fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      (sub, weight, scheme, claims, signature) => {
        const payload = Buffer.from(JSON.stringify({ ...claims, sub })).toString('base64url');
        const key = keyOf('Host', 'a', 'Authorization', `${scheme} e30.${payload}.${signature}`);
        expect(sideOf('wod', key, weight)).toBe(sideOf('wod', keyOfUser(sub), weight));
      },
    ),
  );
});

test('a step moves exactly those in the band between its weights; 0 and 100 leave nobody on the other side', () => {
  fc.assert(
    fc.property(anySub, anyWeight, anyWeight, (sub, from, to) => {
      const key = keyOfUser(sub);
      const hash = hashOf('wod', key);
      const isBelow = (weight: Weight) => weight === EVERYBODY || (weight !== NOBODY && hash < cutOff(weight));
      const hasMoved = sideOf('wod', key, from) !== sideOf('wod', key, to);
      expect(hasMoved).toBe(isBelow(from) !== isBelow(to));
    }),
  );
});

let edge: EdgeUnderTest;
beforeAll(async () => (edge = await startEdgeUnderTest()));
afterAll(async () => await edge[Symbol.asyncDispose]());

test('0 → 10 → 25 → 50 → 25 → 100 % at a real edge: everybody is where the weight says, and each step moves its band alone', async () => {
  const everybody = KINDS.flatMap(([, subOf]) => Array.from({ length: 200 }, (_, at) => userOf(subOf(at))));
  await using users = new Users({ urls: [edge.url], users: everybody });
  let before = new Map(everybody.map((user) => [user, 'legacy']));
  for (const [from, to] of [
    [0, 10],
    [10, 25],
    [25, 50],
    [50, 25],
    [25, 100],
  ] as const) {
    await edge.setWeight(to);
    const asked = await Promise.all(everybody.map(async (user) => await users.ask(user, 0)));
    expect(misplaced(asked, [step(to)])).toEqual([]);
    const after = new Map(asked.map(({ user, by }) => [user, by]));
    const [low, high] = [Math.min(from, to), Math.max(from, to)].map((percent) => cutOff(weightFromPercent(percent)));
    const moved = everybody.filter((user) => before.get(user) !== after.get(user));
    expect(moved).toEqual(everybody.filter(({ hash }) => hash >= low! && hash < high!));
    before = after;
  }
});
