import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutOff, hashOf, sideOf } from './split.ts';
import type { Side } from './split.ts';
import { EVERYBODY, NOBODY, weightFromPercent } from './weight.ts';
import type { Weight } from './weight.ts';

const anyKey = fc.string({ unit: 'binary', maxLength: 900 });
const anyWeight = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths as Weight);

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
    const same = users(20_000).filter((user) => sideOf('wod', user, half) === sideOf('history', user, half)).length;
    expect(Math.abs(same - 10_000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.25));
  });

  test.each([0.01, 0.5, 1, 10, 33.33, 50, 90, 99.99])(
    'at %d %% the share of 20,000 users lies within 4σ',
    (percent) => {
      const weight = weightFromPercent(percent);
      const share = percent / 100;
      const sigma = Math.sqrt(20_000 * share * (1 - share));
      for (const population of [users(20_000), emails(20_000), numbers(20_000)]) {
        const onNew = population.filter((user) => sideOf('wod', user, weight) === 'new').length;
        expect(Math.abs(onNew - 20_000 * share)).toBeLessThanOrEqual(4 * sigma);
      }
    },
  );

  test('10 → 25 → 50 → 25 moves exactly the band between two weights at each step', () => {
    const steps = [10, 25, 50, 25].map((percent) => weightFromPercent(percent));
    for (const [from, to] of steps.slice(1).map((to, index) => [steps[index]!, to] as const)) {
      const [low, high] = from < to ? [from, to] : [to, from];
      for (const user of users(2000)) {
        const hash = hashOf('wod', user);
        const inBand = hash >= cutOff(low) && hash < cutOff(high);
        expect(sideOf('wod', user, from) !== sideOf('wod', user, to)).toBe(inBand);
      }
    }
  });

  test('keys longer than the scratch buffer hash as any other', () => {
    const sides = new Set<Side>();
    for (let size = 600; size < 800; size++) sides.add(sideOf('wod', 'ü'.repeat(size), weightFromPercent(50)));
    expect(sides).toEqual(new Set(['old', 'new']));
  });
});

function users(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = index.toString(16).padStart(8, '0');
    return `${hex}-5717-4562-b3fc-2c963f66afa6`;
  });
}

function emails(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `person.${index}@fit.example`);
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}
