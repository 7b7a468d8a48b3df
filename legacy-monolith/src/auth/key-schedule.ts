import { CLOCK_TOLERANCE_SECONDS, TOKEN_LIFETIME_SECONDS } from '@fit/contracts/auth';

/**
 * The life of a signing key, in instants; everything follows from the keys' `signsFrom` alone:
 *
 * ```
 * created ──lead──▶ signsFrom ═══signs═══▶ the next key's signsFrom ──a token's longest life──▶ withdrawn
 * └─────────────────────── published in the JWKS ─────────────────────────────────────────────┘
 * ```
 */
export type ScheduledKey = { createdAt: Date; signsFrom: Date };

/** How often a process looks for keys that another one made. */
export const KEY_RELOAD_MS = 20_000;
/** `max-age` of the JWKS. */
export const JWKS_MAX_AGE_SECONDS = 30;
/**
 * How long a key is published before it signs: longer than another process of ours takes to notice it, a cache keeps the
 * old JWKS, and a verifier waits between two fetches (one minute), taken together.
 */
export const LEAD_MS = 120_000;
/** How long a key stays published after it stopped signing. */
const AFTERLIFE_MS = (TOKEN_LIFETIME_SECONDS.max + CLOCK_TOLERANCE_SECONDS) * 1000;
const DAY_MS = 86_400_000;

/** The key that signs now: of those whose time has come the newest. */
export function signerAt<Key extends ScheduledKey>(keys: readonly Key[], now: Date): Key | undefined {
  return inOrder(keys).findLast((key) => key.signsFrom <= now);
}

/** The keys that verifiers need now: those that sign, will sign, or signed a token that may still be valid. */
export function publishedAt<Key extends ScheduledKey>(keys: readonly Key[], now: Date): Key[] {
  const ordered = inOrder(keys);
  return ordered.filter((_key, index) => {
    const successor = ordered[index + 1];
    return !successor || now.getTime() < successor.signsFrom.getTime() + AFTERLIFE_MS;
  });
}

/** Whether it is time for a new key: there is none, or the newest is too old. */
export function isRotationDue(keys: readonly ScheduledKey[], now: Date, maxAgeDays: number): boolean {
  const newest = inOrder(keys).at(-1);
  return !newest || now.getTime() - newest.createdAt.getTime() >= maxAgeDays * DAY_MS;
}

/** From when a key that is made now signs: at once if it is the first, else after the lead, and after all others. */
export function nextSignsFrom(keys: readonly ScheduledKey[], now: Date): Date {
  const newest = inOrder(keys).at(-1);
  return newest ? new Date(Math.max(now.getTime() + LEAD_MS, newest.signsFrom.getTime() + 1)) : now;
}

function inOrder<Key extends ScheduledKey>(keys: readonly Key[]): Key[] {
  return keys.toSorted((a, b) => a.signsFrom.getTime() - b.signsFrom.getTime());
}
