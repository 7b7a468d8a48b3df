import { Random } from './random.ts';

/** An endless text of blocks that each begin with their number: any byte lost, doubled or moved shows. */
export const BLOCK_BYTES = 65_536;

const PATTERN = (() => {
  const random = new Random(0x57ea);
  return Buffer.from(Uint8Array.from({ length: BLOCK_BYTES }, () => random.int(256)));
})();

/** A block of its own, as sockets keep what they are given. */
export function numberedBlock(number: number): Buffer {
  const block = Buffer.from(PATTERN);
  block.writeDoubleBE(number, 0);
  return block;
}

/** Compares what arrives, in pieces of any size, with what the text must be. */
export class NumberedBytesCheck {
  received = 0;
  /** Where the first wrong byte may be: within the piece that begins here. */
  differsAt: number | undefined;
  readonly #expected = Buffer.from(PATTERN);

  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const within = this.received % BLOCK_BYTES;
      const length = Math.min(BLOCK_BYTES - within, chunk.length - at);
      this.#expected.writeDoubleBE(Math.floor(this.received / BLOCK_BYTES), 0);
      if (this.#expected.compare(chunk, at, at + length, within, within + length) !== 0)
        this.differsAt ??= this.received;
      this.received += length;
      at += length;
    }
  }
}
