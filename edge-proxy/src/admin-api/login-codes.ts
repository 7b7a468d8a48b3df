import { createHash, randomBytes } from 'node:crypto';
import { unauthorized } from '@fit/service-kit/authenticate';
import { ProblemError } from '@fit/service-kit/problem';

export const CODE_LIFETIME_SECONDS = 60;
const CODE_BYTES = 16;
const MAX_OPEN = 100;

type OpenCode = { token: string; expiresAt: number };

/**
 * Codes that stand for a token, once and for a minute: so that a link logs somebody in whose token then is in no address, no
 * history and no log. Kept as hashes, by which they are also found, so that no comparison takes a time that tells anything.
 */
export class LoginCodes {
  readonly #open = new Map<string, OpenCode>();
  readonly #nowMs: () => number;

  /** @param nowMs milliseconds that never go back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @throws ProblemError 503 while 100 codes are open */
  issue(token: string): string {
    this.#forgetExpired();
    if (this.#open.size >= MAX_OPEN) {
      throw new ProblemError('overloaded', `${MAX_OPEN} login codes are open; the next one ends within a minute`, {
        headers: { 'retry-after': String(CODE_LIFETIME_SECONDS) },
      });
    }
    const code = randomBytes(CODE_BYTES).toString('base64url');
    this.#open.set(hashed(code), { token, expiresAt: this.#nowMs() + CODE_LIFETIME_SECONDS * 1000 });
    return code;
  }

  /**
   * The token that a code stands for; the code is spent.
   *
   * @throws ProblemError 401 if the code was never made, was used or is too old
   */
  exchange(code: string): string {
    this.#forgetExpired();
    const key = hashed(code);
    const open = this.#open.get(key);
    if (!open) {
      throw new ProblemError('invalid-login-code', 'The code was used, is older than a minute, or never was one', {
        headers: unauthorized().headers,
      });
    }
    this.#open.delete(key);
    return open.token;
  }

  /** All live equally long, so that the oldest come first. */
  #forgetExpired(): void {
    const now = this.#nowMs();
    for (const [key, { expiresAt }] of this.#open) {
      if (expiresAt > now) return;
      this.#open.delete(key);
    }
  }
}

function hashed(code: string): string {
  return createHash('sha256').update(code).digest('base64');
}
