const SEEDED_WORDS = 4;

/**
 * Numbers that depend on a seed alone: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * 2021), whose period of 2¹²⁸ - 1 lets every ramp have a stretch of its own; its state is filled by SplitMix's finaliser.
 */
export class RandomStream {
  readonly #state = new Uint32Array(SEEDED_WORDS);

  /** @param seeds whole numbers; other ones give another stream */
  constructor(...seeds: readonly number[]) {
    let hash = 0x9e3779b9;
    for (const seed of seeds) hash = scrambled(hash ^ Math.trunc(seed));
    for (let word = 0; word < SEEDED_WORDS; word++) this.#state[word] = hash = scrambled(hash + 0x9e3779b9);
  }

  /** 32 bits, unsigned. */
  bits(): number {
    const state = this.#state;
    const result = Math.imul(rotated(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotated(state[3]!, 11);
    return result;
  }

  /** From 0 to below 1. */
  share(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.share() * below);
  }

  /** How long until the next of events that come `perSecond` on average, each by itself; seconds. */
  gap(perSecond: number): number {
    return -Math.log(1 - this.share()) / perSecond;
  }
}

function scrambled(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
