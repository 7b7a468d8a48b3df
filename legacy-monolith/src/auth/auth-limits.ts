import { createHash } from 'node:crypto';
import { ProblemError } from '@fit/service-kit/problem';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AuthLimits } from '../config/env.ts';

/** Who tries to log in, and from where. */
export type LoginAttempt = { account: string; address: string };

type Charge = { limiter: RateLimiterMemory; key: string };

/** How many account-and-address pairs that logged in before are remembered. */
const MAX_KNOWN_PAIRS = 100_000;

/**
 * Limits for guessing passwords. Three counters of failures, in fixed windows:
 *
 * - per account *and* address: stops a guesser; its victim, at another address, notices nothing;
 * - per address: stops one that tries one password on many accounts;
 * - per account, over all addresses that never logged into it: stops guessing from many addresses at once. It could lock
 *   the victim out for as long as the attack lasts, therefore an address that logged into the account before is exempt
 *   from it (the device cookie of OWASP's "Blocking Brute Force Attacks", with the address as the cookie).
 *
 * An attempt is charged before the password is verified and refunded when it was right: many guesses sent at once cannot
 * slip through before the first of them failed. Only the attempt is refunded, so that logging into an account of one's
 * own does not clear what one failed elsewhere. Counters live in this process's memory.
 */
export class LoginLimits {
  readonly #perPair: RateLimiterMemory;
  readonly #perAddress: RateLimiterMemory;
  readonly #perAccount: RateLimiterMemory;
  readonly #knownPairs = new Set<string>();

  constructor(limits: AuthLimits) {
    const duration = limits.windowSeconds;
    this.#perPair = new RateLimiterMemory({ keyPrefix: 'pair', points: limits.failuresPerPair, duration });
    this.#perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: limits.failuresPerAddress, duration });
    this.#perAccount = new RateLimiterMemory({ keyPrefix: 'account', points: limits.failuresPerAccount, duration });
  }

  /** Refuses with 429 what would be refused anyway, before it waits for a slot; charges nothing. */
  async assertOpen(attempt: LoginAttempt): Promise<void> {
    for (const { limiter, key } of this.#charges(attempt)) {
      const spent = await limiter.get(key);
      if (spent && spent.msBeforeNext > 0 && spent.consumedPoints >= limiter.points) throw tooMany(spent.msBeforeNext);
    }
  }

  /**
   * Charges one attempt. Errors: 429 with `Retry-After`.
   *
   * @returns to be called if the login was right: takes the charge back, and remembers that this address knows the account
   */
  async charge(attempt: LoginAttempt): Promise<() => Promise<void>> {
    const charges = this.#charges(attempt);
    for (const { limiter, key } of charges) await consume(limiter, key);
    return async () => {
      for (const { limiter, key } of charges) await limiter.reward(key);
      this.#remember(pairKey(attempt));
    };
  }

  #charges(attempt: LoginAttempt): Charge[] {
    const pair = pairKey(attempt);
    return [
      { limiter: this.#perAddress, key: attempt.address },
      ...(this.#knownPairs.has(pair) ? [] : [{ limiter: this.#perAccount, key: accountKey(attempt.account) }]),
      { limiter: this.#perPair, key: pair },
    ];
  }

  /** A `Set` keeps the order of insertion: the pair that logged in longest ago goes first. */
  #remember(pair: string): void {
    this.#knownPairs.delete(pair);
    this.#knownPairs.add(pair);
    const [oldest] = this.#knownPairs;
    if (this.#knownPairs.size > MAX_KNOWN_PAIRS && oldest !== undefined) this.#knownPairs.delete(oldest);
  }
}

/** A limit for new accounts from one address; successful or not, each attempt counts. */
export class RegistrationLimit {
  readonly #perAddress: RateLimiterMemory;

  constructor({ registrationsPerAddress, windowSeconds }: AuthLimits) {
    this.#perAddress = new RateLimiterMemory({
      keyPrefix: 'registration',
      points: registrationsPerAddress,
      duration: windowSeconds,
    });
  }

  /** Errors: 429 with `Retry-After`. */
  async charge(address: string): Promise<void> {
    await consume(this.#perAddress, address);
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    throw refusal instanceof RateLimiterRes ? tooMany(refusal.msBeforeNext) : refusal;
  }
}

function tooMany(msBeforeNext: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new ProblemError('too-many-requests', `Too many attempts; try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  });
}

/** Keys of fixed size, whatever a client sends as its e-mail. */
function accountKey(account: string): string {
  return createHash('sha256').update(account).digest('base64url');
}

function pairKey({ account, address }: LoginAttempt): string {
  return `${accountKey(account)} ${address}`;
}
