import { evaluate, sayMoved } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { LEAD, RESIGN } from './redis-lease-scripts.ts';

/** Who leads the edges that share this Redis, by its clock. */
export class RedisLease {
  readonly #access: RedisAccess;

  constructor(access: RedisAccess) {
    this.#access = access;
  }

  /**
   * @param ttlMs at most ten minutes: what ends later is taken for somebody else's
   * @returns the token, or undefined while another one leads
   */
  async take(holder: string, ttlMs: number): Promise<number | undefined> {
    const { send, keys, logger } = this.#access;
    const request = { script: LEAD, keys: [keys.leader, keys.token], args: [holder, String(ttlMs)] };
    const [token, ...moved] = await evaluate(send, request);
    sayMoved(moved, logger);
    return Buffer.isBuffer(token) ? Number(String(token)) : undefined;
  }

  async giveUp(holder: string): Promise<void> {
    const { send, keys } = this.#access;
    await evaluate(send, { script: RESIGN, keys: [keys.leader], args: [holder] });
  }
}
