import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startFleet, until } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { Users, misplaced, step, usersOf } from './users.ts';
import type { WholeEdge } from './whole-edge.ts';

/** A limit on the size of files fails as a full disk does, and can be lifted from outside. */
const ALMOST_FULL = 'ulimit -S -f 2';
/** A rollback with it needs more room than a change that was refused. */
const LONG_REASON = 'back, as errors went up at the coach after the last step';

let fleet: Fleet;
let edge: WholeEdge;
beforeEach(async () => {
  fleet = await startFleet(1, { before: ALMOST_FULL });
  edge = fleet.edges[0]!;
}, 30_000);
afterEach(async () => await fleet?.[Symbol.asyncDispose]());

const makeRoom = () => {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(edge.pid), '--fsize=unlimited']);
  if (status !== 0) throw new Error(`prlimit: ${stderr?.toString()}`);
};

test('on a full disk changes are refused and the weight stays; a rollback holds, and is stored once there is room', async () => {
  let weight = 20;
  let status = 200;
  while (status === 200) {
    const wanted = weight === 40 ? 41 : 40;
    ({ status } = await fleet.operator.setWeight(edge, wanted));
    if (status === 200) weight = wanted;
  }
  const refused = await fleet.operator.setWeight(edge, 99);
  expect(refused).toMatchObject({ status: 503, body: { type: expect.stringMatching(/store-unavailable$/) } });
  expect(await fleet.operator.route(edge)).toMatchObject({ weight, stored: true });

  await using users = new Users({ urls: [edge.url], users: usersOf(200) });
  const askAll = async () => await Promise.all(usersOf(200).map(async (user) => await users.ask(user, 0)));
  expect(misplaced(await askAll(), [step(weight)])).toEqual([]);
  const rolledBack = await fleet.operator.rollBack(edge, LONG_REASON);
  expect(rolledBack).toMatchObject({ status: 200, body: { weight: 0, stored: false } });
  expect(rolledBack.tookMs).toBeLessThan(1000);
  expect(misplaced(await askAll(), [step(0)])).toEqual([]);

  makeRoom();
  await until(async () => (await fleet.operator.route(edge)).stored, Boolean, 5000);
  expect((await fleet.operator.audit(edge)).entries[0]).toMatchObject({ reason: LONG_REASON, after: { weight: 0 } });
  expect(await fleet.operator.setWeight(edge, 30)).toMatchObject({ status: 200 });
  await edge.kill();
  await edge.start();
  expect(await fleet.operator.route(edge)).toMatchObject({ weight: 30, stored: true });
}, 30_000);

test('a second edge on the same folder does not start, and says who has it', async () => {
  await expect(fleet.edge({ id: edge.id }).start()).rejects.toThrow(`in use by process ${edge.pid}`);
  expect(await fleet.operator.route(edge)).toMatchObject({ weight: 20 });
});
