/** How many of the latest events were of a kind: all and hits of the last `windowMs`, exact to a bucket of it. */
export class RollingCounts {
  readonly #bucketMs: number;
  readonly #all: Uint32Array;
  readonly #hits: Uint32Array;
  #bucket = 0;
  #allInWindow = 0;
  #hitsInWindow = 0;

  constructor({ windowMs, buckets }: { windowMs: number; buckets: number }) {
    this.#bucketMs = windowMs / buckets;
    this.#all = new Uint32Array(buckets);
    this.#hits = new Uint32Array(buckets);
  }

  /** @param now milliseconds of a clock that never goes back */
  add(now: number, isHit: boolean): void {
    this.#forgetUpTo(now);
    const at = this.#bucket % this.#all.length;
    this.#all[at]!++;
    this.#allInWindow++;
    if (!isHit) return;
    this.#hits[at]!++;
    this.#hitsInWindow++;
  }

  at(now: number): { all: number; hits: number } {
    this.#forgetUpTo(now);
    return { all: this.#allInWindow, hits: this.#hitsInWindow };
  }

  clear(): void {
    this.#all.fill(0);
    this.#hits.fill(0);
    this.#allInWindow = 0;
    this.#hitsInWindow = 0;
  }

  #forgetUpTo(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    if (bucket === this.#bucket) return;
    if (bucket - this.#bucket >= this.#all.length) this.clear();
    else for (let old = this.#bucket + 1; old <= bucket; old++) this.#forget(old % this.#all.length);
    this.#bucket = bucket;
  }

  #forget(at: number): void {
    this.#allInWindow -= this.#all[at]!;
    this.#hitsInWindow -= this.#hits[at]!;
    this.#all[at] = 0;
    this.#hits[at] = 0;
  }
}
