const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 300_000;

/** What an answer's status means for a delivery. */
export type Reception = 'delivered' | 'retry' | 'refused';

export function receptionOf(status: number): Reception {
  if (status >= 200 && status <= 299) return 'delivered';
  return status === 408 || status === 429 || status >= 500 ? 'retry' : 'refused';
}

/**
 * How long to wait before the next attempt: 1 s, 2 s, 4 s … 60 s, a random half to all of it, so that not all come back at
 * once; longer if the receiver wants that, up to 5 minutes.
 *
 * @param attempt how many there were, from 1
 * @param retryAfter the field's value, if there was one
 * @param source the time, milliseconds since the epoch, and a random number in [0, 1)
 */
export function pauseMs(
  attempt: number,
  retryAfter: string | undefined,
  { now, random }: { now: number; random: number },
): number {
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  const wanted = Math.min(retryAfterMs(retryAfter, now), LONGEST_RETRY_AFTER_MS);
  return Math.max(backoff * (0.5 + random / 2), wanted);
}

/** Seconds or a date (RFC 9110, 10.2.3); 0 if it is neither. */
function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]{2}, .+ GMT$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
