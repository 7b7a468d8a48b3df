import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../domain/evidence.ts';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import { evidenceOf } from './test/people.ts';
import { PLAN, meet, rampOf, startRampingFleet, stateOf, who } from './test/ramping-fleet.ts';
import { ROUTING, replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();
const fleet = (count: number, plan?: object) => startRampingFleet(replica, count, plan);

describe('of all edges', () => {
  test('one leads, and one that ends is followed by another', async () => {
    const { edges } = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    await meet([second]);
    expect(rampOf(second)).toBe('10 % running');
    await first.plane.close();
    await meet([second]);
    expect(rampOf(second)).toBe('50 % running');
  });

  test('one that was replaced while it stood still changes nothing when it wakes', async () => {
    const { edges } = await fleet(2);
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
    expect(rampOf(second)).toBe('10 % running');
  });

  test('a rollback whose confirmation was lost is there once', async () => {
    const { edges } = await fleet(1);
    const [edge] = edges as [Replica];
    const append = edge.store.append.bind(edge.store);
    let isFirst = true;
    edge.store.append = async (...change) => {
      const result = await append(...change);
      if (!isFirst) return result;
      isFirst = false;
      return { kind: 'unavailable', cause: new Error('no answer'), maybeWritten: true };
    };
    await meet([edge], { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('0 % rolled-back');
    const { entries } = await edge.control.history({ route: 'wod', limit: 10 });
    expect(entries.filter(({ weight }) => weight === 0)).toHaveLength(1);
  });

  test('one whose clock is far ahead hides nothing that the others see', async () => {
    const { edges } = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    const { epoch, weight } = stateOf(first);
    const { periods, ...ahead } = evidenceOf({ epoch: epoch.revision, weight });
    second.sees({ ...ahead, periods: [3, 4].map((period) => ({ ...periods[0]!, period })) });
    await second.plane.judge();
    first.sees(evidenceOf({ epoch: epoch.revision, weight, met: { new: 'failed' } }));
    await first.plane.judge();
    expect(rampOf(first)).toBe('0 % rolled-back');
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
    expect(rampOf(second)).toBe('50 % running');
  });

  test('one whose clock is not the store’s leaves the lead to others', async () => {
    const { edges } = await fleet(2);
    const [first, second] = edges as [Replica, Replica];
    first.store.clockSkewMs = 1_500_000;
    await first.plane.judge();
    await meet([second]);
    expect(rampOf(second)).toBe('50 % running');
    expect(first.told).toContainEqual(['clockOff', 1_500_000]);
  });

  test('of people of long ago only sums stay in the store', async () => {
    const { edges, passTime } = await fleet(1, { steps: '10 % for 2 h' });
    const [edge] = edges as [Replica];
    await meet([edge]);
    const key = { topic: 'evidence@as-configured:wod', epoch: stateOf(edge).epoch.revision };
    const kept = async () => (await edge.store.counts.all(key)).map(({ value }) => value as Evidence);
    expect((await kept())[0]!.periods).toHaveLength(1);
    edge.sees(undefined);
    passTime(1_800_000);
    await edge.plane.judge();
    expect(await kept()).toMatchObject([{ periods: [], units: { new: { units: 40 } } }]);
  });

  test('what was seen by another configuration says nothing of the new one', async () => {
    const { edges, passTime } = await fleet(1, { steps: '10 % for 60 s, 50 %' });
    const [edge] = edges as [Replica];
    await meet([edge]);
    edge.sees(undefined);
    const routes = ROUTING.routes.map((route) => ({ ...route, digest: 'another coach' }));
    await edge.plane.configure({ ...ROUTING, routes });
    passTime(60_000);
    await edge.plane.judge();
    expect(rampOf(edge)).toBe('10 % running');
    await meet([edge]);
    expect(rampOf(edge)).toBe('50 % running');
  });

  test('the leader alone keeps people from a side that fails while its store takes nothing', async () => {
    const { edges } = await fleet(1);
    const [edge] = edges as [Replica];
    edge.store.append = async () => ({ kind: 'unavailable', cause: new Error('full'), maybeWritten: false });
    await meet([edge], { met: { new: 'failed' } });
    expect(rampOf(edge)).toBe('0 % rolled-back');
    expect(edge.control.isStored('wod')).toBe(false);
  });
});
