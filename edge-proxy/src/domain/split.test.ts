import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cohortOf, cutOff, hashOf, sideOf, sideOfHash } from './split.ts';
import type { Side } from './split.ts';
import { EVERYBODY, NOBODY, weightFromPercent } from './weight.ts';
import type { Weight } from './weight.ts';

const anyKey = fc.string({ unit: 'binary', maxLength: 900 });
const anyWeight = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths as Weight);

const USERS = 20_000;
const UUIDS = population((index) => `${index.toString(16).padStart(8, '0')}-5717-4562-b3fc-2c963f66afa6`);
const POPULATIONS = [
  UUIDS,
  population((index) => `person.${index}@fit.example`),
  population((index) => `${index + 1}`),
];

describe('sideOf', () => {
  test('0 % sends nobody and 100 % everybody to the new side, whatever the hash', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(sideOf('wod', key, NOBODY)).toBe('old');
        expect(sideOf('wod', key, EVERYBODY)).toBe('new');
      }),
    );
  });

  test('a hash of 0xffffffff is new at 100 % and old below', () => {
    expect(hashOf('wod', 'u00000g55z6v')).toBe(0xffffffff);
    expect(sideOf('wod', 'u00000g55z6v', EVERYBODY)).toBe('new');
    expect(sideOf('wod', 'u00000g55z6v', weightFromPercent(99.99))).toBe('old');
  });

  test('raising the weight only adds users', () => {
    fc.assert(
      fc.property(anyKey, anyWeight, anyWeight, (key, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        if (sideOf('wod', key, low) === 'new') expect(sideOf('wod', key, high)).toBe('new');
      }),
    );
  });

  test('a side depends on nothing but route, key and weight', () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyWeight, (key, another, weight) => {
        const before = sideOf('wod', key, weight);
        sideOf('wod', another, weight);
        expect(sideOf('wod', key, weight)).toBe(before);
      }),
    );
  });

  test('two routes split the same users independently', () => {
    const half = weightFromPercent(50);
    const onBoth = UUIDS.filter(({ user, hash }) => sideOfHash(hash, half) === sideOf('history', user, half)).length;
    expect(Math.abs(onBoth - USERS / 2)).toBeLessThan(4 * Math.sqrt(USERS * 0.25));
  });

  test('a side is that of the hash', () => {
    fc.assert(
      fc.property(anyKey, anyWeight, (key, weight) => {
        expect(sideOf('wod', key, weight)).toBe(sideOfHash(hashOf('wod', key), weight));
      }),
    );
  });

  test('a cohort lies below every weight whose new side has it, and not below the others', () => {
    const anyHash = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.tuple(anyWeight, fc.integer({ min: -1, max: 1 })).map(([weight, off]) => Math.max(0, cutOff(weight) + off)),
    );
    fc.assert(
      fc.property(anyHash, anyWeight, (hash, weight) => {
        const cohort = cohortOf(Math.min(hash, 0xffffffff));
        expect(sideOfHash(Math.min(hash, 0xffffffff), weight)).toBe(cohort < weight ? 'new' : 'old');
        expect(cohort).toBeGreaterThanOrEqual(0);
        expect(cohort).toBeLessThan(EVERYBODY);
      }),
    );
  });

  test.each([0.01, 0.5, 1, 10, 33.33, 50, 90, 99.99])(
    `at %d %% the share of ${USERS} users lies within 4σ`,
    (percent) => {
      const weight = weightFromPercent(percent);
      const share = percent / 100;
      const sigma = Math.sqrt(USERS * share * (1 - share));
      for (const population of POPULATIONS) {
        const onNew = population.filter(({ hash }) => sideOfHash(hash, weight) === 'new').length;
        expect(Math.abs(onNew - USERS * share)).toBeLessThanOrEqual(4 * sigma);
      }
    },
  );

  test.each([
    [0, 'old'],
    [100, 'new'],
  ] as const)('at %d %% nobody is on the other side', (percent, side) => {
    const weight = weightFromPercent(percent);
    expect(POPULATIONS.flat().filter(({ hash }) => sideOfHash(hash, weight) !== side)).toEqual([]);
  });

  test('from one weight to another exactly those between the two cut-offs move, and all of them to the same side', () => {
    fc.assert(
      fc.property(anyKey, anyWeight, anyWeight, (key, from, to) => {
        const hash = hashOf('wod', key);
        fc.pre(from !== to && ![from, to].some((weight) => weight === NOBODY || weight === EVERYBODY));
        const [low, high] = from < to ? [from, to] : [to, from];
        const isInBand = hash >= cutOff(low) && hash < cutOff(high);
        const before = sideOf('wod', key, from);
        expect(sideOf('wod', key, to)).toBe(isInBand ? (from < to ? 'new' : 'old') : before);
      }),
    );
  });

  test.each([
    [10, 25],
    [25, 50],
    [50, 25],
  ])('%d → %d %% moves exactly the band between them', (from, to) => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)].map((percent) => cutOff(weightFromPercent(percent)));
    const [before, after] = [weightFromPercent(from), weightFromPercent(to)];
    const moved = POPULATIONS.flat().filter(({ hash }) => sideOfHash(hash, before) !== sideOfHash(hash, after));
    expect(moved).toEqual(POPULATIONS.flat().filter(({ hash }) => hash >= low! && hash < high!));
    expect(moved.length).toBeGreaterThan(USERS / 10);
  });

  test('keys longer than the scratch buffer hash as any other', () => {
    const sides = new Set<Side>();
    for (let size = 600; size < 800; size++) sides.add(sideOf('wod', 'ü'.repeat(size), weightFromPercent(50)));
    expect(sides).toEqual(new Set(['old', 'new']));
  });
});

type Hashed = { user: string; hash: number };

/** What a population has in common is how its ids are made; each is hashed once, which is what takes time. */
function population(subOf: (index: number) => string): Hashed[] {
  return Array.from({ length: USERS }, (_, index) => {
    const user = subOf(index);
    return { user, hash: hashOf('wod', user) };
  });
}
