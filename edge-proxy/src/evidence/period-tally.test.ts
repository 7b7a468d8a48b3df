import { describe, expect, test } from '@jest/globals';
import { FLAWS, MOST_FLAWED, MOST_USERS, PERIOD_MS, UNIT_MS, isJudgedMinute } from '../domain/evidence.ts';
import { ANY_FLAW, CHECKED, FAILED, NOTHING, SLOW } from './met.ts';
import { PeriodTally } from './period-tally.ts';

const MINUTES = PERIOD_MS / UNIT_MS;
const PERSON = 0xdeadbeef;
const judgedMinute = Array.from({ length: MINUTES }, (_, minute) => minute).find((each) =>
  isJudgedMinute(PERSON, each),
)!;

describe('the people of a period', () => {
  test('are listed once, by their hashes, with what they met', () => {
    const tally = new PeriodTally();
    tally.add(PERSON | 0, 'old', judgedMinute, NOTHING);
    tally.add(PERSON | 0, 'old', judgedMinute, FAILED);
    tally.add(3, 'new', judgedMinute + 1, SLOW);
    const { period, users, flawed } = tally.evidence(4);
    expect({ period, users, flawed }).toEqual({
      period: 4,
      users: [PERSON, 3],
      flawed: { failed: [PERSON], slow: [3], rejected: [], invalid: [] },
    });
  });

  test('are judged on the new side alone, in the one minute that their hash picks', () => {
    const tally = new PeriodTally();
    for (let minute = 0; minute < MINUTES; minute++) {
      tally.add(PERSON | 0, 'old', minute, FAILED);
      if (minute !== judgedMinute) tally.add(PERSON | 0, 'new', minute, FAILED | CHECKED);
    }
    const none = { users: [], checked: [], failed: [], slow: [], rejected: [], invalid: [] };
    expect(tally.evidence(1).judged).toEqual(none);
    tally.add(PERSON | 0, 'new', judgedMinute, SLOW | CHECKED);
    expect(tally.evidence(1).judged).toEqual({ ...none, users: [PERSON], checked: [PERSON], slow: [PERSON] });
  });

  test('are the first so many, and of the judged ones nobody has flaws alone', () => {
    const tally = new PeriodTally();
    for (let person = 0; person < 3 * MOST_USERS; person++) {
      for (let minute = 0; minute < MINUTES; minute++) tally.add(person, 'new', minute, ANY_FLAW | CHECKED);
    }
    const { users, flawed, judged } = tally.evidence(1);
    expect(users).toEqual(Array.from({ length: MOST_USERS }, (_, person) => person));
    expect(judged.users).toHaveLength(MOST_USERS);
    expect(judged.checked).toEqual(judged.users);
    for (const flaw of FLAWS) {
      expect(flawed[flaw]).toHaveLength(MOST_FLAWED);
      expect(judged[flaw]).toEqual(judged.users);
    }
  });
});
