import type { Fleet } from './fleet.ts';
import { mustBe } from './must-be.ts';
import { Users, misplaced, step, usersOf } from './users.ts';

export type ConstantWeightOptions = {
  users: number;
  /** How often each asks at every edge; even, as half of it comes after a restart. */
  times: number;
};

const PERCENT = 37.5;
const AT_ONCE = 48;
const WAIT_MS = 5000;

/**
 * Every user asks at every edge again and again, and one of the edges is started anew in between: nobody ever changes sides.
 *
 * @returns how many requests there were
 */
export async function constantWeight(
  { edges, operator }: Pick<Fleet, 'edges' | 'operator'>,
  options: ConstantWeightOptions,
): Promise<number> {
  const changed = await operator.setWeight(edges[0]!, PERCENT, { waitMs: WAIT_MS });
  mustBe(changed.body.acknowledged.serving, edges.length);
  const everybody = usersOf(options.users);
  await using users = new Users({ urls: edges.map(({ url }) => url), users: everybody, connections: 16 });
  const ask = async () => {
    let next = 0;
    const requests = everybody.length * edges.length * (options.times / 2);
    const askers = Array.from({ length: AT_ONCE }, async () => {
      for (let at = next++; at < requests; at = next++) {
        await users.ask(everybody[Math.floor(at / edges.length) % everybody.length]!, at % edges.length);
      }
    });
    await Promise.all(askers);
  };
  await ask();
  const restarted = edges[1]!;
  mustBe(await restarted.stop(), 0);
  await restarted.start();
  await ask();
  const asked = await users.stop();
  mustBe(asked.length, options.users * options.times * edges.length);
  mustBe(misplaced(asked, [step(PERCENT)]), []);
  return asked.length;
}
