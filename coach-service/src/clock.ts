/** Time, as it is passed in. */
export type Clock = {
  /** The wall clock: what day it is. */
  now: () => Date;
  /** Milliseconds that only grow: how long something took. */
  elapsedMs: () => number;
};

export const systemClock: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };
