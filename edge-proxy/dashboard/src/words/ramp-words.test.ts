import { describe, expect, test } from '@jest/globals';
import type { RampView, VerdictView } from '@fit/edge-proxy/admin-api/schemas';
import {
  bakeInWords,
  bakeLeftMs,
  decisionInWords,
  isPossible,
  promotedWeight,
  rampInShort,
  sentenceAlone,
  standInWords,
  stepStates,
} from './ramp-words.ts';

const SINCE = '2026-03-01T14:00:00.000Z';
const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const at = (seconds: number) => Date.parse(SINCE) + 1000 * seconds;

function ramp(members: Partial<RampView> = {}): RampView {
  return {
    plan: { steps: '10 % for 10 m, 25 % manual, 100 %', on_fail: 'rollback', judged_by: 'people', minimum_users: 20 },
    phase: 'running',
    step: 2,
    steps: [
      { weight: 10, bake_seconds: 600, approve: 'auto' },
      { weight: 25, bake_seconds: 90, approve: 'manual' },
      { weight: 100, bake_seconds: 0, approve: 'auto' },
    ],
    started_at_revision: 3,
    step_since: SINCE,
    baked: false,
    ...members,
  };
}

test.each<[RampView['phase'], number, string[], string, string]>([
  ['running', 1, ['current', 'ahead', 'ahead'], 'step 1 of 3 (10 %), running', 'Step 1 of 3, in force'],
  ['paused', 2, ['done', 'current', 'ahead'], 'step 2 of 3 (25 %), paused', 'Step 2 of 3, in force'],
  ['waiting', 2, ['done', 'current', 'ahead'], 'step 2 of 3 (25 %), waiting', 'Step 2 of 3, in force'],
  ['frozen', 3, ['done', 'done', 'current'], 'step 3 of 3 (100 %), frozen', 'Step 3 of 3, in force'],
  ['completed', 3, ['done', 'done', 'done'], 'completed at 100 %', 'Completed: at 7 %'],
  [
    'rolled-back',
    2,
    ['done', 'ended', 'ahead'],
    'rolled back at step 2 of 3 (25 %)',
    'The last ramp was rolled back at step 2 of 3 (25 %); at 7 %',
  ],
  [
    'cancelled',
    1,
    ['ended', 'ahead', 'ahead'],
    'cancelled at step 1 of 3 (10 %)',
    'The last ramp was cancelled at step 1 of 3 (10 %); at 7 %',
  ],
])('a ramp that is %s at step %d', (phase, step, states, short, stand) => {
  const view = ramp({ phase, step });
  expect(stepStates(view)).toEqual(states);
  expect(plain(rampInShort(view))).toBe(short);
  expect(plain(standInWords(view, 7))).toBe(stand);
});

describe('the bake time', () => {
  test.each<[string, Partial<RampView>, number, number, string]>([
    ['just begun', {}, 0, 90_000, 'bakes for another 1:30'],
    ['seen by a clock that is behind', {}, -5, 95_000, 'bakes for another 1:35'],
    ['under way', {}, 31, 59_000, 'bakes for another 59 s'],
    ['over, as the clock has it', {}, 91, 0, 'baked for its 90 s'],
    ['over, as the edge has it', { baked: true }, 10, 0, 'baked for its 90 s'],
    ['of a step that has none', { step: 3, baked: true }, 0, 0, 'no bake time'],
  ])('%s', (_name, members, seconds, leftMs, words) => {
    const view = ramp(members);
    expect(bakeLeftMs(view, at(seconds))).toBe(leftMs);
    expect(plain(bakeInWords(view, at(seconds)))).toBe(words);
  });
});

test.each<[RampView['phase'], string[]]>([
  ['running', ['promote', 'pause', 'freeze']],
  ['paused', ['resume', 'promote', 'freeze']],
  ['waiting', ['promote', 'pause', 'freeze']],
  ['frozen', ['resume']],
  ['completed', ['freeze']],
  ['rolled-back', []],
  ['cancelled', []],
])('to a ramp that is %s these orders go: %p', (phase, orders) => {
  const all = ['resume', 'promote', 'pause', 'freeze'] as const;
  expect(all.filter((order) => isPossible(order, ramp({ phase })))).toEqual(orders);
});

test('to no ramp at all goes no order', () => {
  expect(isPossible('pause', null)).toBe(false);
});

test('a promotion leads to the next weight, and from the last one to the end', () => {
  expect(promotedWeight(ramp({ step: 1 }))).toBe(25);
  expect(promotedWeight(ramp({ step: 3 }))).toBeUndefined();
});

test.each([
  ['slow', 'slow: 3 of 10 waited', '3 of 10 waited'],
  ['slow', 'slow-relative: 3 of 10 waited', 'slow-relative: 3 of 10 waited'],
  ['share', 'Every request was where it belongs.', 'Every request was where it belongs.'],
])('below the name %s, %p is %p', (gate, sentence, expected) => {
  expect(sentenceAlone({ gate, sentence, verdict: 'pass', numbers: {} })).toBe(expected);
});

test('a decision is told only where there is one', () => {
  const verdict = { decision: { kind: 'roll-back', sentence: 'coach fails people' } } as VerdictView;
  expect(decisionInWords(verdict)).toEqual({ word: 'roll back', sentence: 'coach fails people' });
  expect(decisionInWords({ ...verdict, decision: null })).toBeUndefined();
  expect(decisionInWords(undefined)).toBeUndefined();
});
