import { cutOff } from './split.ts';
import type { Weight } from './weight.ts';

/** One bit for each of so many equal stretches of the hashes: about six of them are a step of 0.01 %. */
const STRETCHES = 65_536;
const BITS = 32;

/**
 * How many people were seen lately, and how many of them stand between two weights, in 16 KB whatever their number: linear
 * counting (Whang, Vander-Zanden, Taylor, 1990) over a bitmap that is in the order of the hashes.
 */
export class SeenUsers {
  readonly #periodMs: number;
  #current = new Uint32Array(STRETCHES / BITS);
  #previous = new Uint32Array(STRETCHES / BITS);
  #since: number | undefined;

  /** @param windowMs people who were not seen for so long count no more; those who were seen within half of it do */
  constructor(windowMs: number) {
    this.#periodMs = windowMs / 2;
  }

  /** @param hash 0–0xffffffff, of the route and the user */
  add(hash: number): void {
    const stretch = hash >>> 16;
    this.#current[stretch >>> 5]! |= 1 << (stretch & 31);
  }

  /** Forgets those of long ago. @param now milliseconds of a clock that never goes back */
  advance(now: number): void {
    this.#since ??= now;
    if (now - this.#since < this.#periodMs) return;
    const isOld = now - this.#since >= 2 * this.#periodMs;
    [this.#previous, this.#current] = [this.#current, this.#previous];
    this.#current.fill(0);
    if (isOld) this.#previous.fill(0);
    this.#since = now;
  }

  /** Estimated, within some percent. */
  get count(): number {
    return this.#between(0, STRETCHES);
  }

  /** Those who change sides when the weight goes from one to the other, either way; estimated. */
  between(from: Weight, to: Weight): number {
    const [low, high] = [from, to].sort((a, b) => a - b).map((weight) => Math.round(cutOff(weight) / 65_536));
    return this.#between(low!, high!);
  }

  #between(low: number, high: number): number {
    const stretches = high - low;
    if (stretches === 0) return 0;
    let seen = 0;
    for (let stretch = low; stretch < high; stretch++) {
      if (((this.#current[stretch >>> 5]! | this.#previous[stretch >>> 5]!) >>> (stretch & 31)) & 1) seen++;
    }
    // Where every stretch was seen, half an empty one is the least that can be said.
    return Math.round(stretches * Math.log(stretches / Math.max(0.5, stretches - seen)));
  }
}
