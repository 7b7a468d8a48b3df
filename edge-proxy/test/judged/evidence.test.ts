import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { sideOf } from '../../src/domain/split.ts';
import { weightFromPercent } from '../../src/domain/weight.ts';
import { answeringAs, startPlane, until } from './plane-under-test.ts';
import type { PlaneUnderTest } from './plane-under-test.ts';

const HALF = weightFromPercent(50);
const all = Array.from({ length: 24 }, (_, each) => `user-${each}`);
const onNew = all.filter((user) => sideOf('wod', user, HALF) === 'new');
const none = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };

let plane: PlaneUnderTest;
const OBJECTIVE_MS = 150;
beforeEach(async () => {
  plane = await startPlane({ percent: 50 });
});
afterEach(async () => await plane[Symbol.asyncDispose]());

const seen = () => plane.collector.evidenceOf('wod')!;

/** One request of each; of undefined without a token. */
async function visit(users: readonly (string | undefined)[], tokens = plane.tokens): Promise<number[]> {
  const ended = plane.followed.length + users.length;
  const headersOf = (sub: string | undefined) => (sub ? { authorization: `Bearer ${tokens.issue({ sub })}` } : {});
  const answers = await Promise.all(users.map((sub) => plane.get({ headers: headersOf(sub) })));
  // The edge closes its books on a request just after the client has its answer.
  await until(() => plane.followed.length === ended);
  return answers.map(({ status }) => status);
}

test('people are counted once on the side that served them', async () => {
  await visit([...all, ...all]);
  const people = { old: all.length - onNew.length, new: onNew.length };
  expect(people.old * people.new).toBeGreaterThan(0);
  expect(seen()).toMatchObject({
    requests: { old: 2 * people.old, new: 2 * people.new },
    units: { old: { ...none, units: people.old }, new: { ...none, units: people.new } },
    misplaced: 0,
  });
  expect(seen().periods[0]!.users).toHaveLength(all.length);
});

test('people whom the monolith spared a failure of the coach have failed on the new side', async () => {
  plane.coach.behave((_request, res) => sendJson(res, {}, {}, 500));
  expect(new Set(await visit(all))).toEqual(new Set([200]));
  expect(seen().units.new).toEqual({ ...none, units: onNew.length, failed: onNew.length });
  expect(seen().units.old).toMatchObject({ failed: 0 });
});

test('people with good tokens whom the coach refuses have failed; forgers and people without a token have not', async () => {
  plane.coach.behave((_request, res) => sendJson(res, {}, {}, 401));
  // Nobody's token decides the side of who has none.
  plane.putInForce({ weight: weightFromPercent(100) });
  await visit(onNew, createTokenIssuer());
  await visit([undefined]);
  await visit(onNew);
  await until(() => seen().units.new.units === onNew.length);
  expect(seen().units.new).toEqual({ ...none, units: onNew.length, failed: onNew.length });
});

test('a person who still waits at the objective is served slowly at once', async () => {
  await plane[Symbol.asyncDispose]();
  plane = await startPlane({ percent: 50, objectiveMs: OBJECTIVE_MS });
  const release = Promise.withResolvers<void>();
  plane.coach.behave(async (request, res) => {
    await release.promise;
    await answeringAs('coach')(request, res);
  });
  const visits = visit([onNew[0]!]);
  await plane.coach.arrived('/', 1);
  await until(() => {
    plane.collector.advance();
    return seen().units.new.slow === 1;
  });
  expect(plane.followed).toEqual([]);
  release.resolve();
  expect(await visits).toEqual([200]);
  expect(plane.followed[0]!.outcome.durationMs).toBeGreaterThan(OBJECTIVE_MS);
  expect(seen().units.new).toEqual({ ...none, units: 1, slow: 1 });
});

test('a coach that is the monolith by its own words is seen', async () => {
  plane.coach.behave(answeringAs('legacy'));
  await visit(all);
  expect(seen().misplaced).toBe(onNew.length);
});
