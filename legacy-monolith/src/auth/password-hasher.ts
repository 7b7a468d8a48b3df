import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { ProblemError } from '@fit/service-kit/problem';
import PQueue from 'p-queue';
import type { HashingCost } from '../config/env.ts';

/** Makes and checks password hashes. */
export type PasswordHasher = {
  /** PHC string with a salt of its own. */
  hash: (password: string) => Promise<string>;
  verify: (passwordHash: string, password: string) => Promise<boolean>;
};

export function argon2Hasher({ memoryKib, passes }: HashingCost): PasswordHasher {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 };
  return {
    // argon2id is the package's default algorithm.
    hash: async (password) => await hash(password, options),
    verify: async (passwordHash, password) => await verify(passwordHash, password),
  };
}

const MAX_WAITING = 1000;

/**
 * Slots for work on passwords: a flood of logins waits here, instead of taking all memory and every thread that the
 * process has.
 */
export class PasswordSlots {
  readonly #queue: PQueue;

  /** @param slots default: the processor's cores, at least 2 and at most 8 */
  constructor(slots = Math.min(8, Math.max(2, availableParallelism()))) {
    this.#queue = new PQueue({ concurrency: slots });
  }

  /** Runs the work when a slot is free. Errors: 503 `overloaded` at once while too many wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#queue.size >= MAX_WAITING) throw new ProblemError('overloaded', 'Too many logins are waiting');
    return await this.#queue.add(work);
  }
}
