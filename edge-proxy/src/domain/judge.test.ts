import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyEvidence, anyPlan, evidenceOf, periodOf, spread, unitsOf } from './any-evidence.ts';
import type { Evidence } from './evidence.ts';
import { PERIOD_MS } from './evidence.ts';
import { judgeAgain } from './judge-again.ts';
import { judge } from './judge.ts';
import { BUILT_IN_GATES, rampPlanSchema } from './ramp-plan.ts';
import { EVERYBODY, NOBODY, weightFromPercent } from './weight.ts';
import type { Weight } from './weight.ts';

const plan = rampPlanSchema.parse({ steps: '10 %, 50 %, 100 %' });
const MINUTE = 60_000;
const [ten, half] = [weightFromPercent(10), weightFromPercent(50)];

const checksContent = true;

function verdicts(
  weight: Weight,
  evidence: Evidence | undefined,
  { now = MINUTE, checksContent = true } = {},
): Record<string, string> {
  const judged = judge({ plan, weight, evidence, sinceMs: 0, checksContent, now });
  return Object.fromEntries(judged.map(({ gate, verdict }) => [gate, verdict]));
}

/** 1,000 people of both sides, served well. */
const users = spread(1000);
const well = evidenceOf({
  units: { old: unitsOf({ units: 900, checked: 100 }), new: unitsOf({ units: 500, checked: 60 }) },
  periods: [periodOf(1, { users })],
});
const all = (verdict: string) => Object.fromEntries(BUILT_IN_GATES.map((gate) => [gate, verdict]));
const relative = ['failed-relative', 'slow-relative', 'rejected-relative', 'invalid-relative'];
const none = Object.fromEntries(relative.map((gate) => [gate, 'not-applicable']));

describe('judge', () => {
  test('who is served well passes', () => {
    expect(verdicts(ten, well)).toEqual(all('pass'));
    expect(verdicts(half, well)).toEqual(all('pass'));
    expect(verdicts(EVERYBODY, well)).toEqual({ ...all('pass'), ...none });
  });

  test('nothing seen is no pass', () => {
    expect(verdicts(ten, undefined)).toEqual(all('not-enough-data'));
    expect(verdicts(EVERYBODY, undefined)).toEqual({ ...all('not-enough-data'), ...none });
    expect(verdicts(NOBODY, well)).toEqual(all('not-applicable'));
  });

  test.each([
    [0, true, 'not-enough-data', 'not-enough-data'],
    [19, true, 'not-enough-data', 'not-enough-data'],
    [20, true, 'pass', 'pass'],
    [0, false, 'not-applicable', 'not-applicable'],
    // Rules that were there when the answers were looked at, or on another edge.
    [20, false, 'pass', 'pass'],
  ])('content of which %d user-minutes were looked at, with rules: %p', (checked, checksContent, invalid, relative) => {
    const units = { old: unitsOf({ units: 900 }), new: unitsOf({ units: 500, checked }) };
    const seen = verdicts(ten, { ...well, units }, { checksContent });
    expect(seen).toEqual({ ...all('pass'), invalid, 'invalid-relative': relative });
    const unseen = checksContent ? 'not-enough-data' : 'not-applicable';
    const nothing = { invalid: unseen, 'invalid-relative': unseen };
    expect(verdicts(ten, undefined, { checksContent })).toEqual({ ...all('not-enough-data'), ...nothing });
  });

  test('who was seen two periods ago is no evidence that anybody is served now', () => {
    expect(verdicts(ten, well, { now: PERIOD_MS * 1.5 })).toEqual(all('pass'));
    expect(verdicts(ten, well, { now: PERIOD_MS * 2.5 })).toEqual(all('not-enough-data'));
  });

  test.each([
    ['only the new side', users.filter((hash) => hash < 0x19999999)],
    ['only the old side', users.filter((hash) => hash >= 0x19999999)],
    ['19 on the new side', spread(190)],
  ])('too few people (%s) never pass', (_what, some) => {
    const seen = verdicts(ten, { ...well, periods: [periodOf(1, { users: some })] });
    expect(seen['failed-relative']).toBe('not-enough-data');
  });

  // At 10 %: how many of the flawed, all on the new side, prove it. e^ln E of 3, 4, 5 of as many: see share-evidence.test.ts;
  // needed: 3 steps × 7 gates × π²/6 / 1 % = 3,454.
  test.each([
    [4, 'pass'],
    [5, 'fail'],
  ])('%d failed people, all on the new side at 10 %%: %s', (people, expected) => {
    const failed = spread(5000).slice(0, people);
    const seen = verdicts(ten, { ...well, periods: [periodOf(1, { users, flawed: { failed } })] });
    expect(seen).toEqual({ ...all('pass'), 'failed-relative': expected });
  });

  test.each(['slow', 'rejected', 'invalid'] as const)('%s people count like failed ones', (flaw) => {
    const flawed = { [flaw]: spread(5000).slice(0, 12) };
    const seen = verdicts(ten, { ...well, periods: [periodOf(1, { users, flawed })] });
    expect(seen).toEqual({ ...all('pass'), [`${flaw}-relative`]: 'fail' });
  });

  test('however many fail, as long as both sides do, no relative gate fails', () => {
    const flawed = { failed: users, slow: users, rejected: users, invalid: users };
    expect(verdicts(ten, { ...well, periods: [periodOf(1, { users, flawed })] })).toEqual(all('pass'));
  });

  test('if only people of the new side ask, that only they meet flaws is no evidence', () => {
    const some = spread(5000).slice(0, 300);
    const seen = verdicts(ten, { ...well, periods: [periodOf(1, { users: some, flawed: { failed: some } })] });
    expect(seen).toMatchObject({ 'failed-relative': 'not-enough-data', share: 'fail' });
  });

  test('a later period needs more to fail, and is found although all failed earlier', () => {
    const later = (period: number, people: number) => {
      const failed = spread(5000).slice(0, people);
      const periods = [
        periodOf(period - 1, { users, flawed: { failed: users } }),
        periodOf(period, { users, flawed: { failed } }),
      ];
      return verdicts(ten, { ...well, periods }, { now: period * PERIOD_MS - 1 })['failed-relative'];
    };
    expect(later(100, 5)).toBe('pass');
    expect(later(100, 10)).toBe('fail');
  });

  test('above the limit without proof holds; with proof it fails', () => {
    const failing = (failed: number, units: number) =>
      verdicts(EVERYBODY, { ...well, units: { old: unitsOf({}), new: unitsOf({ units, failed, checked: 60 }) } })
        .failed;
    expect(failing(1, 100)).toBe('pass');
    expect(failing(2, 100)).toBe('not-enough-data');
    expect(failing(10, 100)).toBe('fail');
    expect(failing(1000, 100_000)).toBe('pass');
  });

  test('below 100 % an absolute gate judges people, each once, not their minutes', () => {
    const units = { old: unitsOf({ units: 900 }), new: unitsOf({ units: 500, failed: 400, checked: 60 }) };
    const judged = { users: spread(50, 5), failed: spread(50, 5).slice(0, 1) };
    expect(verdicts(ten, { ...well, units, periods: [periodOf(1, { users, judged })] }).failed).toBe('not-enough-data');
    const many = { ...judged, failed: judged.users.slice(0, 9) };
    expect(verdicts(ten, { ...well, units, periods: [periodOf(1, { users, judged: many })] }).failed).toBe('fail');
  });

  test('what turns bad after a long good time at 100 % is found in its period', () => {
    const good = { old: unitsOf({}), new: unitsOf({ units: 1_000_000, failed: 100, checked: 60 }) };
    const judged = { users, failed: users.slice(0, 60) };
    const seen = { ...well, units: good, periods: [periodOf(1000, { users, judged })] };
    expect(verdicts(EVERYBODY, seen, { now: PERIOD_MS * 1000 - 1 }).failed).toBe('fail');
  });

  test.each([
    [
      'a misplaced request',
      { misplaced: 1 },
      'share: mis-split: 1 request was answered by the side that is not the user',
    ],
    [
      'people in other shares than the weight',
      { periods: [periodOf(1, { users: spread(1000).map((hash) => Math.floor(hash / 3)) })] },
      'share: mis-split: of 1,000 people seen, 300 are on the new side; 10 % should be, and chance',
    ],
  ])('%s is a mis-split', (_what, seen, sentence) => {
    const share = judge({
      plan,
      weight: ten,
      evidence: { ...well, ...seen },
      sinceMs: 0,
      checksContent,
      now: MINUTE,
    }).at(-1)!;
    expect(share).toMatchObject({ gate: 'share', verdict: 'fail', sentence: expect.stringContaining(sentence) });
  });

  describe('requests that failed with tokens that cannot be verified', () => {
    // 500 user-minutes and limits of 1 % and 5 %: 5 may fail, 25 may be slow.
    const relativeToo = {
      'failed-relative': 'not-enough-data',
      'slow-relative': 'not-enough-data',
      'rejected-relative': 'not-enough-data',
    };
    const failed = { failed: 'not-enough-data' };
    const slow = { slow: 'not-enough-data' };
    test.each([
      ['none', ten, { old: 0, new: 0 }, {}],
      ['one on the new side', ten, { old: 0, new: 1 }, relativeToo],
      ['one on the old side', ten, { old: 1, new: 0 }, relativeToo],
      ['as many on the new side as may fail', ten, { old: 0, new: 5 }, relativeToo],
      ['more than may fail', ten, { old: 0, new: 6 }, { ...relativeToo, ...failed }],
      ['more than may fail, with nobody on the old side', EVERYBODY, { old: 0, new: 6 }, { ...none, ...failed }],
      ['more than may be slow', EVERYBODY, { old: 0, new: 26 }, { ...none, ...failed, ...slow }],
      ['as many as may fail, with nobody on the old side', EVERYBODY, { old: 0, new: 5 }, none],
    ])('%s', (_, weight, unverified, expected) => {
      expect(verdicts(weight, { ...well, unverified })).toEqual({ ...all('pass'), ...expected });
    });

    test('add to those of whom it is known', () => {
      const units = { old: unitsOf({ units: 900 }), new: unitsOf({ units: 500, failed: 4, checked: 60 }) };
      const failed = (unverified: number) =>
        verdicts(ten, { ...well, units, unverified: { old: 0, new: unverified } })['failed'];
      expect([failed(1), failed(2)]).toEqual(['pass', 'not-enough-data']);
    });

    test('are no excuse for failures that are known', () => {
      const units = { old: unitsOf({ units: 900 }), new: unitsOf({ units: 500, failed: 100, checked: 60 }) };
      const seen = { ...well, units, unverified: { old: 900, new: 900 } };
      expect(verdicts(EVERYBODY, seen)['failed']).toBe('fail');
    });

    test('on the old side may have been as many people as on the new side', () => {
      const failed = spread(5000).slice(0, 5);
      const periods = [periodOf(1, { users, flawed: { failed } })];
      const failing = (unverified: Evidence['unverified']) =>
        verdicts(ten, { ...well, periods, unverified })['failed-relative'];
      expect(failing({ old: 0, new: 900 })).toBe('fail');
      expect(failing({ old: 45, new: 0 })).toBe('not-enough-data');
    });

    test('are told', () => {
      const sentences = judge({
        plan,
        weight: ten,
        evidence: { ...well, unverified: { old: 3, new: 1200 } },
        sinceMs: 0,
        checksContent,
        now: MINUTE,
      }).map(({ sentence }) => sentence);
      const said =
        '; 1,200 requests on the new side and 3 on the old one failed whose tokens this edge cannot verify: JWKS_URL, JWT_ISSUER, JWT_AUDIENCE';
      expect(sentences.filter((sentence) => sentence.endsWith(said))).toHaveLength(5);
    });
  });

  test('custom gates count requests and share the ramp’s α', () => {
    const custom = [{ name: 'jobs', upstream: 'coach', bad: 'bad_total', total: 'all_total', maxPercent: 1 }];
    const withJobs = rampPlanSchema.parse({ steps: '100 %', gates: { custom } });
    const judged = (jobs: Evidence['custom'][string] | undefined) =>
      judge({
        plan: withJobs,
        weight: ten,
        evidence: { ...well, custom: jobs ? { jobs } : {} },
        sinceMs: 0,
        checksContent,
        now: MINUTE,
      });
    const verdict = (jobs?: Evidence['custom'][string]) => judged(jobs).find(({ gate }) => gate === 'jobs')!.verdict;
    expect(verdict()).toBe('not-enough-data');
    expect(verdict({ bad: 0, total: 19 })).toBe('not-enough-data');
    expect(verdict({ bad: 10, total: 1000 })).toBe('pass');
    expect(verdict({ bad: 15, total: 1000 })).toBe('not-enough-data');
    expect(verdict({ bad: 50, total: 1000 })).toBe('fail');
    expect(judged({ bad: 0, total: 100 })[0]!.numbers['gates']).toBe(8);
  });

  test('says all of it in words', () => {
    const failed = [...spread(5000).slice(0, 7), 0xf0000000];
    const seen = { ...well, periods: [periodOf(1, { users, flawed: { failed } })] };
    const sentences = judge({ plan, weight: ten, evidence: seen, sinceMs: 0, checksContent, now: MINUTE }).map(
      (each) => each.sentence,
    );
    expect(sentences[3]).toBe(
      'failed-relative: of 8 people who were failed in period 1, 7 on the new side (by chance 10 %); e-value 182,939 of 3,454 needed',
    );
    expect(sentences[0]).toBe(
      'failed: 0 of 500 user-minutes on the new side (0 %; 0–1.64 % with 99 % confidence), limit 1 %; 0 of 0 people judged in period 1; e-value 1 of 3,454 needed',
    );
    expect(sentences.at(-1)).toBe('share: of 1,000 people seen, 100 are on the new side; 10 % should be');
  });
});

describe('whatever was seen', () => {
  const weight = fc.oneof(
    fc.constantFrom(NOBODY, EVERYBODY, ten),
    fc.integer({ min: 1, max: 9999 }) as fc.Arbitrary<Weight>,
  );
  const look = fc.record({
    plan: anyPlan,
    weight,
    evidence: anyEvidence,
    sinceMs: fc.constant(0),
    checksContent: fc.boolean(),
    now: fc.nat(5e6),
  });

  test('a verdict can be made again from its numbers, after they were JSON', () => {
    fc.assert(
      fc.property(look, (judged) => {
        for (const verdict of judge(judged)) {
          expect(Object.values(verdict.numbers).filter((number) => !Number.isFinite(number))).toEqual([]);
          expect(judgeAgain(JSON.parse(JSON.stringify(verdict)))).toBe(verdict.verdict);
        }
      }),
    );
  });

  test('requests that cannot be verified never let a gate fail, nor pass, that does not without them', () => {
    fc.assert(
      fc.property(look, fc.nat(50), fc.nat(50), ({ evidence, ...judged }, old, fresh) => {
        const by = (unverified: Evidence['unverified']) => judge({ ...judged, evidence: { ...evidence, unverified } });
        const without = by({ old: 0, new: 0 });
        for (const [at, { gate, verdict }] of by({ old, new: fresh }).entries()) {
          const before = without[at]!.verdict;
          expect([gate, verdict === before || verdict === 'not-enough-data']).toEqual([gate, true]);
        }
      }),
    );
  });

  test('other numbers lead to other verdicts', () => {
    const failed = spread(5000).slice(0, 5);
    const evidence = { ...well, periods: [periodOf(1, { users, flawed: { failed } })] };
    const gate = judge({ plan, weight: ten, evidence, sinceMs: 0, checksContent, now: MINUTE })[3]!;
    expect(judgeAgain({ ...gate, numbers: { ...gate.numbers, flawedPeopleNew: 3 } })).toBe('pass');
    expect(judgeAgain({ ...gate, numbers: { ...gate.numbers, flawedPeopleNew: 3, usersOld: 0 } })).toBe(
      'not-enough-data',
    );
  });
});
