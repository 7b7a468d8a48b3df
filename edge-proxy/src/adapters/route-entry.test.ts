import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RampPhase } from '../domain/ramp.ts';
import type { RouteState } from '../domain/route-state.ts';
import { decodeEntry, encodeEntry, encodeEntryWithin } from './route-entry.ts';
import { sealed } from './sealed-line.ts';
import { PLAN, fullState, stateAt, verdictsOf } from './test/sample-state.ts';

const decoded = (text: string): RouteState => {
  const entry = decodeEntry(text);
  if (entry.kind === 'damaged') throw new Error(entry.why);
  return entry.state;
};
const fieldsOf = (state: RouteState) => JSON.parse(encodeEntry(state)) as Record<string, unknown>;

test('an entry says only what a plain change of the weight would not', () => {
  const plain = ['schemaVersion', 'route', 'revision', 'weightHundredths', 'weightBeforeHundredths'];
  const author = ['changedBy', 'changedAt', 'reason'];
  expect(Object.keys(fieldsOf(stateAt({ revision: 7 })))).toEqual([...plain, ...author, 'checksum']);
  const rest = ['epoch', 'mirrorShareHundredths', 'mirrorEpoch', 'retired', 'ramp', 'verdicts'];
  expect(Object.keys(fieldsOf(fullState(7)))).toEqual([...plain, ...author, ...rest, 'checksum']);
});

const phases: RampPhase[] = ['running', 'paused', 'waiting', 'frozen', 'completed', 'rolled-back', 'cancelled'];
test.each(phases)('a state with a ramp that is %s is read as it was written', (phase) => {
  expect(decoded(encodeEntry(fullState(7, phase)))).toStrictEqual(fullState(7, phase));
});

test('whatever is left out of a state comes back', () => {
  const full = fullState(7);
  const plain = stateAt({ revision: 7 });
  const either = <Key extends keyof RouteState>(key: Key) => fc.constantFrom(full[key], plain[key]);
  const states = fc.record({
    ...Object.fromEntries(Object.keys(plain).map((key) => [key, fc.constant(plain[key as keyof RouteState])])),
    epoch: either('epoch'),
    mirrorShare: either('mirrorShare'),
    mirrorEpoch: either('mirrorEpoch'),
    retired: either('retired'),
    ramp: either('ramp'),
    verdicts: either('verdicts'),
  });
  fc.assert(
    fc.property(states, (state) => {
      expect(decoded(encodeEntry(state as RouteState))).toStrictEqual({ ...state });
    }),
  );
});

test('numbers of a verdict that JSON does not have are left out, and the rest is read', () => {
  const numbers = { users: 0, upper: Number.POSITIVE_INFINITY, ratio: Number.NaN, lower: -1.5e-300 };
  const [verdict] = verdictsOf(1);
  const state = { ...stateAt({ revision: 1 }), verdicts: [{ ...verdict!, numbers }] };
  expect(decoded(encodeEntry(state)).verdicts[0]!.numbers).toEqual({ users: 0, lower: -1.5e-300 });
});

describe('what no edge would write', () => {
  const { checksum: _, ...whole } = fieldsOf(fullState(7));
  const { ramp } = whole as { ramp: Record<string, unknown> & { plan: object } };
  const plan = ramp.plan as { steps: object[]; gates: object };
  const [step] = plan.steps;
  const inPlan = (change: object) => ({ ramp: { ...ramp, plan: { ...plan, ...change } } });
  test.each<[string, object]>([
    ['weightHundredths', { weightHundredths: 10_001 }],
    ['mirrorShareHundredths', { mirrorShareHundredths: -1 }],
    ['mirrorShareHundredths', { mirrorShareHundredths: 0.5 }],
    ['mirrorEpoch', { mirrorEpoch: -1 }],
    ['epoch.revision', { epoch: { revision: 1.5, since: '2026-02-28T23:59:59.999Z' } }],
    ['epoch.since', { epoch: { revision: 1, since: 'yesterday' } }],
    ['retired', { retired: 'yes' }],
    ['ramp.phase', { ramp: { ...ramp, phase: 'flying' } }],
    ['ramp.step', { ramp: { ...ramp, step: 3 } }],
    ['ramp.step', { ramp: { ...ramp, step: -1 } }],
    ['ramp.id', { ramp: { ...ramp, id: '1' } }],
    ['ramp.plan', { ramp: { ...ramp, plan: undefined } }],
    ['ramp.plan.steps', inPlan({ steps: [] })],
    ['ramp.plan.steps.0.weightHundredths', inPlan({ steps: [{ ...step, weightHundredths: 10_001 }, step] })],
    ['ramp.plan.steps.0.bakeMs', inPlan({ steps: [{ ...step, bakeMs: -1 }, step] })],
    ['ramp.plan.steps.1.approve', inPlan({ steps: [step, { ...step, approve: 'maybe' }] })],
    ['ramp.plan.onFail', inPlan({ onFail: 'shrug' })],
    ['ramp.plan.judgedBy', inPlan({ judgedBy: 'nobody' })],
    ['ramp.plan.judgedBy', inPlan({ judgedBy: 'custom-gates', gates: { ...plan.gates, custom: [] } })],
    ['ramp.plan.minimumUsers', inPlan({ minimumUsers: 0 })],
    ['ramp.plan.gates.slowPercent', inPlan({ gates: { ...plan.gates, slowPercent: 100.5 } })],
    ['ramp.plan.gates.custom', inPlan({ gates: { ...plan.gates, custom: undefined } })],
    ['verdicts.0.verdict', { verdicts: [{ ...verdictsOf(1)[0], verdict: 'maybe' }] }],
    ['verdicts.0.numbers.users', { verdicts: [{ ...verdictsOf(1)[0], numbers: { users: null } }] }],
  ])('in %s is damage (%j)', (field, change) => {
    expect(decodeEntry(sealed(whole)).kind).toBe('entry');
    const entry = decodeEntry(sealed({ ...whole, ...change }));
    expect(entry).toEqual({ kind: 'damaged', why: expect.stringContaining(`${field}: `) });
  });
});

test('a plan that does not say by whom it is judged is judged by people, and a plan of people does not say so', () => {
  const state = fullState(7);
  const ofPeople = { ...state, ramp: { ...state.ramp!, plan: { ...PLAN, judgedBy: 'people' as const } } };
  expect(fieldsOf(ofPeople)['ramp']).not.toHaveProperty('plan.judgedBy');
  expect(fieldsOf(state)['ramp']).toHaveProperty('plan.judgedBy', 'custom-gates');
  expect(decoded(encodeEntry(ofPeople)).ramp?.plan.judgedBy).toBe('people');
});

test('what a newer version added is passed over', () => {
  const { checksum: _, ...whole } = fieldsOf(fullState(7));
  expect(decoded(sealed({ ...whole, weather: 'fine' }))).toEqual(fullState(7));
});

describe('where there is little room', () => {
  const state = { ...fullState(7, 'rolled-back'), verdicts: verdictsOf(5) };
  const bytesOf = (each: RouteState) => Buffer.byteLength(encodeEntry(each));
  const silent = { ...state, verdicts: state.verdicts.map((verdict) => ({ ...verdict, sentence: '' })) };
  const bare = { ...state, verdicts: [] };
  const least = { ...bare, ramp: undefined };

  test.each([
    ['everything', state, 0],
    ['all but sentences', silent, 0],
    ['all but sentences', silent, 5],
    ['all but verdicts', bare, 0],
    ['what is in force', least, 0],
  ])('%s is kept', (_, kept, spare) => {
    expect(decoded(encodeEntryWithin(bytesOf(kept) + spare, state))).toEqual(kept);
  });

  test('and a ramp is under way, it is kept or nothing is', () => {
    const running = { ...bare, ramp: { ...bare.ramp!, phase: 'running' as const, plan: PLAN } };
    expect(decoded(encodeEntryWithin(bytesOf(running), running))).toEqual(running);
    expect(() => encodeEntryWithin(bytesOf(running) - 1, running)).toThrow(RangeError);
  });

  test('bytes count, not characters', () => {
    const umlauts = { ...stateAt({ revision: 1 }), reason: 'ü'.repeat(100) };
    expect(() => encodeEntryWithin(encodeEntry(umlauts).length, umlauts)).toThrow(RangeError);
  });
});
