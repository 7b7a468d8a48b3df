import { describe, expect, test } from '@jest/globals';
import { meet, rampOf, startRampingFleet, stateOf, who } from './test/ramping-fleet.ts';
import { replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();
const fleet = (count: number, plan?: object) => startRampingFleet(replica, count, plan);

describe('a drill', () => {
  test('sends everybody back, and forth again, and says how long it took', async () => {
    const edge = await replica();
    await edge.change(40);
    const result = await edge.control.drill({ ...who, reason: 'quarterly' });
    expect(result).toMatchObject({ kind: 'drilled', acknowledged: true, replicas: 1, restored: { weight: 4000 } });
    const { entries } = await edge.control.history({ route: 'wod', limit: 2 });
    expect(entries.map(({ weight, reason }) => [weight, reason])).toEqual([
      [4000, 'drill is over: quarterly'],
      [0, 'drill: quarterly'],
    ]);
    const { conditions, facts } = await edge.control.checkRetirement('wod');
    expect(facts.drilledAt).toBeGreaterThan(0);
    expect(conditions.find(({ name }) => name === 'drilled')?.met).toBe(true);
  });

  test('moves nobody while the store is out of reach', async () => {
    const edge = await replica();
    await edge.change(40);
    edge.store.break(new Error('cut off'));
    expect(await edge.control.drill({ ...who, reason: 'quarterly' })).toMatchObject({ kind: 'unavailable' });
    expect(edge.serves().percent).toBe(40);
  });

  test('does not undo a rollback that somebody else ordered meanwhile', async () => {
    const first = await replica();
    const second = await replica({ id: 'edge-2', store: first.store.another() });
    await first.change(40);
    await second.plane.round();
    const [, drill] = await Promise.all([first.rollback(), second.control.drill({ ...who, reason: 'quarterly' })]);
    expect(drill).toMatchObject({ kind: 'drilled', restored: undefined });
    await first.plane.round();
    expect([first.serves().percent, second.serves().percent]).toEqual([0, 0]);
  });

  test('is refused where there is no way back, or a ramp would end by it', async () => {
    const { edges } = await fleet(1);
    const [edge] = edges as [Replica];
    expect(await edge.control.drill({ ...who, reason: 'why not' })).toMatchObject({ kind: 'refused' });
    await edge.rollback();
    expect(await edge.control.drill({ ...who, reason: 'why not' })).toEqual({
      kind: 'refused',
      detail: 'Route wod is at 0 %: nobody could be sent back',
    });
  });
});

describe('a retired route', () => {
  test('is not sent back by the ramp that brought it there', async () => {
    const { edges } = await fleet(1, { steps: '100 %' });
    const [edge] = edges as [Replica];
    await meet(edges);
    expect(rampOf(edge)).toBe('100 % completed');
    const expected = stateOf(edge).revision;
    await edge.control.setRetired({ ...who, reason: 'why', expected, retired: true });
    for (let look = 0; look < 4; look++) await meet(edges, { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('100 % completed');
    const { gates, decision } = edge.control.verdict('wod')!;
    expect(gates.some(({ verdict }) => verdict === 'fail')).toBe(true);
    expect(decision).toBeUndefined();
  });

  test('stays where it is when an edge comes back that holds a rollback of before', async () => {
    const first = await replica();
    const second = await replica({ id: 'edge-2', store: first.store.another() });
    await first.change(40);
    await second.plane.round();
    second.store.break(new Error('cut off'));
    expect(await second.rollback()).toMatchObject({ kind: 'changed', isStored: false });
    await first.change(100);
    await first.control.setRetired({ ...who, reason: 'why', expected: stateOf(first).revision, retired: true });
    second.store.mend();
    await second.plane.round();
    expect([first, second].map((edge) => [edge.serves().percent, stateOf(edge).retired])).toEqual([
      [100, true],
      [100, true],
    ]);
    expect(second.told).toContainEqual(['overtaken', 'wod', 2]);
    expect(second.control.isStored('wod')).toBe(true);
  });

  test('takes neither weight nor rollback nor copies until it is given its way back', async () => {
    const edge = await replica();
    await edge.change(100);
    const at = () => ({ ...who, reason: 'why', expected: stateOf(edge).revision });
    expect(await edge.control.setRetired({ ...at(), retired: true })).toMatchObject({ kind: 'changed' });
    const refused = { kind: 'refused', detail: 'Route wod is retired: unretire it first' };
    expect(await edge.change(50)).toEqual(refused);
    expect(await edge.rollback()).toEqual(refused);
    expect(await edge.control.setMirror({ ...at(), share: stateOf(edge).weight })).toMatchObject({ kind: 'refused' });
    await edge.control.setRetired({ ...at(), retired: false });
    expect(await edge.rollback()).toMatchObject({ kind: 'changed' });
  });
});
