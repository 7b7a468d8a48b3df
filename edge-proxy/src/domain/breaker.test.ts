import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Breaker, NO_PERMIT } from './breaker.ts';
import type { BreakerSettings } from './breaker.ts';

const SETTINGS: BreakerSettings = {
  failures: 5,
  percent: 50,
  minimumCalls: 10,
  windowMs: 2000,
  openMs: 1000,
  maxOpenMs: 4000,
};

/** Calls one after another, each over before the next: `.` succeeds, `x` fails, `-` is turned away. */
function play(breaker: Breaker, outcomes: string, { from = 0, everyMs = 10 } = {}): string {
  return outcomes
    .split('')
    .map((outcome, at) => {
      const now = from + at * everyMs;
      const permit = breaker.admit(now);
      if (permit === undefined) return '-';
      if (outcome === 'x') breaker.failed(permit, now);
      else breaker.succeeded(permit, now);
      return outcome;
    })
    .join('');
}

const opened = () => {
  const breaker = new Breaker(SETTINGS);
  play(breaker, 'xxxxx');
  return breaker;
};

describe('opens', () => {
  test.each([
    ['after failures in a row', 'xxxxxx', 'xxxxx-'],
    ['after failures in a row, however much went well before', `${'.'.repeat(50)}xxxxxx`, `${'.'.repeat(50)}xxxxx-`],
    ['at half of the recent calls', 'x.x.x.x.x.x.', 'x.x.x.x.x.x-'],
    ['not below half', 'x..x..x..x..x..x..', 'x..x..x..x..x..x..'],
    ['not before there were enough calls', 'xx.xx.xx.', 'xx.xx.xx.'],
  ])('%s', (_name, outcomes, expected) => {
    expect(play(new Breaker(SETTINGS), outcomes)).toBe(expected);
  });

  test('not for failures that are long ago', () => {
    const breaker = new Breaker(SETTINGS);
    expect(play(breaker, 'xxx.xxx', { everyMs: 10 })).toBe('xxx.xxx');
    expect(play(breaker, '...x', { from: 5000 })).toBe('...x');
  });

  test('within a second of the first failure at 20 calls a second, after hours without one', () => {
    const breaker = new Breaker(SETTINGS);
    play(breaker, '.'.repeat(2000), { everyMs: 50 });
    expect(play(breaker, 'x'.repeat(20), { from: 100_000, everyMs: 50 })).toBe(`xxxxx${'-'.repeat(15)}`);
  });
});

describe('half open', () => {
  test('lets three probes through at a time, and no more while they are out', () => {
    const breaker = opened();
    expect(breaker.admit(1000)).toBeUndefined();
    const probes = Array.from({ length: 10 }, () => breaker.admit(1040)).filter((permit) => permit !== undefined);
    expect(probes).toHaveLength(3);
    expect(breaker.stateAt(1040)).toBe('half-open');
  });

  test('closes when all three succeeded', () => {
    const breaker = opened();
    expect(play(breaker, '...', { from: 1040 })).toBe('...');
    expect(breaker.stateAt(1100)).toBe('closed');
  });

  test('opens again, for longer each time up to the maximum, when one fails; from the start after it was closed', () => {
    const breaker = opened();
    expect(play(breaker, '..x.', { from: 1040 })).toBe('..x-');
    const waits = [2000, 4000, 4000];
    let now = 1060;
    for (const wait of waits) {
      expect(play(breaker, '.', { from: now + wait - 1 })).toBe('-');
      expect(play(breaker, 'x', { from: now + wait })).toBe('x');
      now += wait;
    }
    expect(play(breaker, '...', { from: now + 4000 })).toBe('...');
    play(breaker, 'xxxxx', { from: 100_000 });
    expect(play(breaker, '-.', { from: 101_030, everyMs: 10 })).toBe('-.');
  });

  test('a probe without an outcome is given back', () => {
    const breaker = opened();
    const [first] = [1, 2, 3].map(() => breaker.admit(1040));
    expect(breaker.admit(1041)).toBeUndefined();
    breaker.abandoned(first!);
    expect(breaker.admit(1042)).toBeDefined();
  });

  test('gives the places of probes that come to no end to others', () => {
    const breaker = opened();
    for (let probe = 0; probe < 3; probe++) breaker.admit(1040);
    expect(breaker.admit(1040 + SETTINGS.maxOpenMs - 1)).toBeUndefined();
    expect(play(breaker, '...', { from: 1040 + SETTINGS.maxOpenMs })).toBe('...');
    expect(breaker.stateAt(6001)).toBe('closed');
  });

  test('closes for an upstream that takes longer than that, too', () => {
    const breaker = opened();
    const probes = [1, 2, 3].map(() => breaker.admit(1040)!);
    expect(breaker.admit(1040 + SETTINGS.maxOpenMs)).toBeDefined();
    for (const probe of probes) breaker.succeeded(probe, 9000);
    expect(breaker.stateAt(9001)).toBe('closed');
  });

  test('gives uploads one place, and waits for none of them', () => {
    const breaker = opened();
    expect(breaker.admit(1040, { isUpload: true })).toBeDefined();
    expect(breaker.admit(1041, { isUpload: true })).toBeUndefined();
    expect(play(breaker, '..', { from: 1042 })).toBe('..');
    expect(breaker.stateAt(1060)).toBe('closed');
  });

  test('does not wait for an upload that comes last either', () => {
    const breaker = opened();
    expect(play(breaker, '..', { from: 1040 })).toBe('..');
    expect(breaker.admit(1060, { isUpload: true })).toBeDefined();
    expect(breaker.stateAt(1061)).toBe('closed');
  });

  test('closes by uploads alone where there is nothing else', () => {
    const breaker = opened();
    for (let now = 1040; now < 1043; now++) breaker.succeeded(breaker.admit(now, { isUpload: true })!, now);
    expect(breaker.stateAt(1043)).toBe('closed');
  });

  test('is told nothing by calls that began before', () => {
    const breaker = new Breaker(SETTINGS);
    const early = breaker.admit(0)!;
    play(breaker, 'xxxxx');
    const probe = breaker.admit(1040)!;
    breaker.failed(early, 1041);
    expect(breaker.stateAt(1042)).toBe('half-open');
    breaker.succeeded(probe, 1043);
    breaker.failed(NO_PERMIT, 1044);
    expect(breaker.stateAt(1045)).toBe('half-open');
  });
});

test('says each state that it enters', () => {
  const states: string[] = [];
  const breaker = new Breaker(SETTINGS, (state) => states.push(state));
  play(breaker, 'xxxxx');
  play(breaker, '...', { from: 1040 });
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('whatever happens: never more than three probes in an open period, and a healthy upstream is back in the end', () => {
  const step = fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), outcome: fc.constantFrom('.', 'x', '?') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const breaker = new Breaker(SETTINGS);
      let now = 0;
      let probes = 0;
      for (const { afterMs, outcome } of steps) {
        now += afterMs;
        const before = breaker.stateAt(now);
        const permit = breaker.admit(now);
        if (before === 'closed') probes = 0;
        if (permit === undefined) continue;
        if (before !== 'closed' && outcome !== '?') expect(++probes).toBeLessThanOrEqual(3);
        if (outcome === 'x') breaker.failed(permit, now);
        else if (outcome === '.') breaker.succeeded(permit, now);
        else breaker.abandoned(permit);
        if (breaker.stateAt(now) === 'open') probes = 0;
      }
      play(breaker, '.'.repeat(20), { from: now + SETTINGS.maxOpenMs });
      expect(breaker.stateAt(now + SETTINGS.maxOpenMs + 1000)).toBe('closed');
    }),
  );
});
