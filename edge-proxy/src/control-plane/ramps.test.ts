import { describe, expect, test } from '@jest/globals';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import { revision } from '../domain/weight.ts';
import { PLAN, meet, rampOf, startRampingFleet, who } from './test/ramping-fleet.ts';
import { replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();
const fleet = (count: number, plan?: object) => startRampingFleet(replica, count, plan);

describe('a ramp', () => {
  test('goes from step to step while its gates pass, and each step is in the audit with what it rests on', async () => {
    const { edges, passTime } = await fleet(2);
    const [first] = edges as [Replica];
    expect(rampOf(first)).toBe('10 % running');
    await meet(edges);
    expect(edges.map(rampOf)).toEqual(['50 % running', '50 % running']);
    await meet(edges);
    expect(rampOf(first)).toBe('50 % running');
    passTime(60_000);
    await meet(edges);
    expect(rampOf(first)).toBe('100 % running');
    await meet(edges);
    expect(edges.map(rampOf)).toEqual(['100 % completed', '100 % completed']);

    const { entries } = await first.control.history({ route: 'wod', limit: 10 });
    expect(entries.map(({ changedBy, weight }) => [changedBy, weight])).toEqual([
      ['ramp', 10_000],
      ['ramp', 10_000],
      ['ramp', 5000],
      ['ops@fit.example', 1000],
    ]);
    for (const { reason, verdicts } of entries.slice(0, 3)) {
      expect(reason).toMatch(/every gate passes/);
      expect(verdicts.length).toBeGreaterThan(5);
      expect(verdicts.every(({ verdict }) => verdict === 'pass' || verdict === 'not-applicable')).toBe(true);
    }
  });

  test.each(['failed', 'slow', 'rejected', 'invalid'] as const)(
    'is rolled back once, on every edge, when those on the new side meet: %s',
    async (flaw) => {
      const { edges } = await fleet(3);
      await meet(edges, { met: { new: flaw } });
      expect(edges.map(rampOf)).toEqual(['0 % rolled-back', '0 % rolled-back', '0 % rolled-back']);
      await meet(edges, { met: { new: flaw } });
      const { entries } = await edges[0]!.control.history({ route: 'wod', limit: 10 });
      expect(entries.filter(({ weight }) => weight === 0)).toHaveLength(1);
      expect(entries[0]!.verdicts.some(({ verdict }) => verdict === 'fail')).toBe(true);
    },
  );

  test.each(['paused', 'waiting', 'completed'] as const)('is judged while it is %s', async (phase) => {
    const steps = phase === 'waiting' ? '10 % manual, 100 %' : phase === 'completed' ? '10 %' : PLAN;
    const { edges } = await fleet(1, { steps });
    const [edge] = edges as [Replica];
    if (phase === 'paused') await edge.control.steerRamp({ ...who, order: 'pause', reason: 'lunch' });
    await meet(edges);
    expect(rampOf(edge)).toBe(`10 % ${phase}`);
    await meet(edges, { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('0 % rolled-back');
  });

  test('freezes where its plan says so, and goes on in a new epoch when told', async () => {
    const { edges } = await fleet(1, { steps: PLAN, onFail: 'freeze', gates: { failedPercent: 2 } });
    const [edge] = edges as [Replica];
    await meet(edges, { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('10 % frozen');
    for (let look = 0; look < 4; look++) await meet(edges, { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('10 % frozen');
    const { gates, decision } = edge.control.verdict('wod')!;
    expect(gates.find(({ gate }) => gate === 'failed')).toMatchObject({
      verdict: 'fail',
      numbers: { limitPercent: 2 },
    });
    expect(decision).toMatchObject({ kind: 'hold', sentence: expect.stringContaining('frozen') });
    await edge.control.steerRamp({ ...who, order: 'resume', reason: 'mended' });
    await meet(edges);
    expect(rampOf(edge)).toBe('50 % running');
  });

  test.each([
    ['nobody comes', { seen: 0 }],
    ['too few come', { seen: 30 }],
    ['somebody is served by the side that is not his', { misplaced: 1 }],
  ])('stays where it is while %s', async (_why, people) => {
    const { edges, passTime } = await fleet(2);
    await meet(edges, people);
    passTime(3_600_000);
    await meet(edges, people);
    expect(edges.map(rampOf)).toEqual(['10 % running', '10 % running']);
    expect(edges[0]!.control.verdict('wod')?.decision?.kind).toBe('hold');
  });

  test('ends when an operator sets a weight of his own', async () => {
    const { edges } = await fleet(1);
    const [edge] = edges as [Replica];
    await edge.change(30);
    expect(rampOf(edge)).toBe('30 % cancelled');
    await meet([edge], { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('30 % cancelled');
    // Nothing follows from it, so it is in no hurry.
    for (let look = 0; look < 4; look++) await edge.plane.judge();
    expect(edge.control.verdict('wod')?.gates.some(({ verdict }) => verdict === 'fail')).toBe(true);
  });
});

test('a plan that asks an upstream which is not there is refused', async () => {
  const edge = await replica();
  const gate = { name: 'stock', upstream: 'shop', bad: 'bad_total', total: 'all_total' };
  const plan = rampPlanSchema.parse({ steps: '10 %', gates: { custom: [gate] } });
  expect(await edge.control.startRamp({ ...who, plan, expected: revision(0), reason: 'go' })).toEqual({
    kind: 'refused',
    detail: 'Gate stock: there is no upstream shop',
  });
});
