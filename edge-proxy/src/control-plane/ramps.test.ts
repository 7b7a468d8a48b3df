import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../domain/evidence.ts';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import { revision } from '../domain/weight.ts';
import { evidenceOf } from './test/people.ts';
import type { People } from './test/people.ts';
import { ROUTING, replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();
const PLAN = '10 %, 50 % for 60 s, 100 %';
const who = { route: 'wod', changedBy: 'ops@fit.example' };

const stateOf = (edge: Replica) => edge.holder.current.get('wod')!;

/** Edges on one store, of which the first leads; a ramp of `wod` under way. */
async function fleet(count: number, plan: object = { steps: PLAN }): Promise<Replica[]> {
  const clock = { now: Date.parse('2026-03-01T03:00:00Z') };
  const now = () => new Date(clock.now);
  const first = await replica({ now });
  const edges = [first];
  for (let at = 1; at < count; at++)
    edges.push(await replica({ id: `edge-${at + 1}`, store: first.store.another(), now }));
  await first.plane.judge();
  const started = await first.control.startRamp({
    ...who,
    plan: rampPlanSchema.parse(plan),
    expected: stateOf(first).revision,
    reason: 'let it run',
  });
  expect(started.kind).toBe('changed');
  for (const edge of edges) {
    await edge.plane.round();
    Object.assign(edge, { clock });
  }
  return edges;
}

const passTime = (edge: Replica, ms: number) => {
  (edge as Replica & { clock: { now: number } }).clock.now += ms;
};

/** What an edge sees of the people of the epoch in force, and all edges look at it. */
async function meet(edges: readonly Replica[], people: Partial<People> = {}): Promise<void> {
  for (const edge of edges) {
    const { epoch, weight } = stateOf(edge);
    edge.sees(evidenceOf({ epoch: epoch.revision, weight, ...people }));
  }
  // Those who do not lead say what they saw first.
  for (const edge of edges.toReversed()) await edge.plane.judge();
  for (const edge of edges) await edge.plane.judge();
  for (const edge of edges) await edge.plane.round();
}

const ramp = (edge: Replica) => {
  const { weight, ramp: of } = stateOf(edge);
  return `${weight / 100} % ${of?.phase}`;
};

describe('a ramp', () => {
  test('goes from step to step while its gates pass, and each step is in the audit with what it rests on', async () => {
    const edges = await fleet(2);
    const [first] = edges as [Replica];
    expect(ramp(first)).toBe('10 % running');
    await meet(edges);
    expect(edges.map(ramp)).toEqual(['50 % running', '50 % running']);
    await meet(edges);
    expect(ramp(first)).toBe('50 % running');
    passTime(first, 60_000);
    await meet(edges);
    expect(ramp(first)).toBe('100 % running');
    await meet(edges);
    expect(edges.map(ramp)).toEqual(['100 % completed', '100 % completed']);

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
      const edges = await fleet(3);
      await meet(edges, { met: { new: flaw } });
      expect(edges.map(ramp)).toEqual(['0 % rolled-back', '0 % rolled-back', '0 % rolled-back']);
      await meet(edges, { met: { new: flaw } });
      const { entries } = await edges[0]!.control.history({ route: 'wod', limit: 10 });
      expect(entries.filter(({ weight }) => weight === 0)).toHaveLength(1);
      expect(entries[0]!.verdicts.some(({ verdict }) => verdict === 'fail')).toBe(true);
    },
  );

  test.each(['paused', 'waiting', 'completed'] as const)('is judged while it is %s', async (phase) => {
    const steps = phase === 'waiting' ? '10 % manual, 100 %' : phase === 'completed' ? '10 %' : PLAN;
    const edges = await fleet(1, { steps });
    const [edge] = edges as [Replica];
    if (phase === 'paused') await edge.control.steerRamp({ ...who, order: 'pause', reason: 'lunch' });
    await meet(edges);
    expect(ramp(edge)).toBe(`10 % ${phase}`);
    await meet(edges, { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('0 % rolled-back');
  });

  test('freezes where its plan says so, and goes on in a new epoch when told', async () => {
    const edges = await fleet(1, { steps: PLAN, onFail: 'freeze', gates: { failedPercent: 2 } });
    const [edge] = edges as [Replica];
    await meet(edges, { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('10 % frozen');
    for (let look = 0; look < 4; look++) await meet(edges, { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('10 % frozen');
    const { gates, decision } = edge.control.verdict('wod')!;
    expect(gates.find(({ gate }) => gate === 'failed')).toMatchObject({
      verdict: 'fail',
      numbers: { limitPercent: 2 },
    });
    expect(decision).toMatchObject({ kind: 'hold', sentence: expect.stringContaining('frozen') });
    await edge.control.steerRamp({ ...who, order: 'resume', reason: 'mended' });
    await meet(edges);
    expect(ramp(edge)).toBe('50 % running');
  });

  test.each([
    ['nobody comes', { seen: 0 }],
    ['too few come', { seen: 30 }],
    ['somebody is served by the side that is not his', { misplaced: 1 }],
  ])('stays where it is while %s', async (_why, people) => {
    const edges = await fleet(2);
    await meet(edges, people);
    passTime(edges[0]!, 3_600_000);
    await meet(edges, people);
    expect(edges.map(ramp)).toEqual(['10 % running', '10 % running']);
    expect(edges[0]!.control.verdict('wod')?.decision?.kind).toBe('hold');
  });

  test('ends when an operator sets a weight of his own', async () => {
    const [edge] = (await fleet(1)) as [Replica];
    await edge.change(30);
    expect(ramp(edge)).toBe('30 % cancelled');
    await meet([edge], { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('30 % cancelled');
    // Nothing follows from it, so it is in no hurry.
    for (let look = 0; look < 4; look++) await edge.plane.judge();
    expect(edge.control.verdict('wod')?.gates.some(({ verdict }) => verdict === 'fail')).toBe(true);
  });
});

describe('of all edges', () => {
  test('one leads, and one that ends is followed by another', async () => {
    const edges = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    await meet([second]);
    expect(ramp(second)).toBe('10 % running');
    await first.plane.close();
    await meet([second]);
    expect(ramp(second)).toBe('50 % running');
  });

  test('one that was replaced while it stood still changes nothing when it wakes', async () => {
    const edges = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    const append = first.store.append.bind(first.store);
    const woken = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    first.store.append = async (...change) => {
      stalled.resolve();
      await woken.promise;
      return await append(...change);
    };
    const { epoch, weight } = stateOf(first);
    first.sees(evidenceOf({ epoch: epoch.revision, weight, met: { new: 'failed' } }));
    const round = first.plane.judge();
    await stalled.promise;
    // As if its lease had run out.
    await second.store.resign(first.incarnation);
    expect(await second.store.lead('edge-3', 60_000)).toBeDefined();
    woken.resolve();
    await round;
    await second.plane.round();
    expect(ramp(second)).toBe('10 % running');
  });

  test('a rollback whose confirmation was lost is there once', async () => {
    const [edge] = (await fleet(1)) as [Replica];
    const append = edge.store.append.bind(edge.store);
    let isFirst = true;
    edge.store.append = async (...change) => {
      const result = await append(...change);
      if (!isFirst) return result;
      isFirst = false;
      return { kind: 'unavailable', cause: new Error('no answer'), maybeWritten: true };
    };
    await meet([edge], { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('0 % rolled-back');
    const { entries } = await edge.control.history({ route: 'wod', limit: 10 });
    expect(entries.filter(({ weight }) => weight === 0)).toHaveLength(1);
  });

  test('one whose clock is far ahead hides nothing that the others see', async () => {
    const edges = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    const { epoch, weight } = stateOf(first);
    const { periods, ...ahead } = evidenceOf({ epoch: epoch.revision, weight });
    second.sees({ ...ahead, periods: [3, 4].map((period) => ({ ...periods[0]!, period })) });
    await second.plane.judge();
    first.sees(evidenceOf({ epoch: epoch.revision, weight, met: { new: 'failed' } }));
    await first.plane.judge();
    expect(ramp(first)).toBe('0 % rolled-back');
  });

  test('one that knows fewer routes leaves the lead to one that knows them all', async () => {
    const { routes, ...routing } = ROUTING;
    const [wod, history] = routes;
    const first = await replica({ routing: { ...routing, routes: [history!] } });
    const second = await replica({
      id: 'edge-2',
      store: first.store.another(),
      routing: { ...routing, routes: [history!, wod!] },
    });
    await first.plane.judge();
    await first.plane.round();
    await second.control.startRamp({
      ...who,
      plan: rampPlanSchema.parse({ steps: PLAN }),
      expected: stateOf(second).revision,
      reason: 'go',
    });
    await first.plane.round();
    await first.plane.judge();
    await meet([second]);
    expect(ramp(second)).toBe('50 % running');
  });

  test('of people of long ago only sums stay in the store', async () => {
    const [edge] = (await fleet(1, { steps: '10 % for 2 h' })) as [Replica];
    await meet([edge]);
    const key = { topic: 'evidence:wod', epoch: stateOf(edge).epoch.revision };
    const kept = async () => (await edge.store.counts.all(key)).map(({ value }) => value as Evidence);
    expect((await kept())[0]!.periods).toHaveLength(1);
    edge.sees(undefined);
    passTime(edge, 1_800_000);
    await edge.plane.judge();
    expect(await kept()).toMatchObject([{ periods: [], units: { new: { units: 40 } } }]);
  });

  test('the leader alone keeps people from a side that fails while its store takes nothing', async () => {
    const [edge] = (await fleet(1)) as [Replica];
    edge.store.append = async () => ({ kind: 'unavailable', cause: new Error('full'), maybeWritten: false });
    await meet([edge], { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('0 % rolled-back');
    expect(edge.control.isStored('wod')).toBe(false);
  });
});

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
    const [edge] = (await fleet(1)) as [Replica];
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
    const edges = await fleet(1, { steps: '100 %' });
    const [edge] = edges as [Replica];
    await meet(edges);
    expect(ramp(edge)).toBe('100 % completed');
    const expected = stateOf(edge).revision;
    await edge.control.setRetired({ ...who, reason: 'why', expected, retired: true });
    for (let look = 0; look < 4; look++) await meet(edges, { met: { new: 'failed' } });
    expect(ramp(edge)).toBe('100 % completed');
    const { gates, decision } = edge.control.verdict('wod')!;
    expect(gates.some(({ verdict }) => verdict === 'fail')).toBe(true);
    expect(decision).toBeUndefined();
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

test('a plan that asks an upstream which is not there is refused', async () => {
  const edge = await replica();
  const gate = { name: 'stock', upstream: 'shop', bad: 'bad_total', total: 'all_total' };
  const plan = rampPlanSchema.parse({ steps: '10 %', gates: { custom: [gate] } });
  expect(await edge.control.startRamp({ ...who, plan, expected: revision(0), reason: 'go' })).toEqual({
    kind: 'refused',
    detail: 'Gate stock: there is no upstream shop',
  });
});
