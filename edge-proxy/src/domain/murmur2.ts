const M = 0x5bd1e995;

/**
 * 32-bit MurmurHash2 with seed 0, as Nginx's `split_clients` computes it; the algorithm is Austin Appleby’s.
 *
 * @param length how many of the bytes count
 * @returns an unsigned 32-bit number
 */
export function murmur2(bytes: Uint8Array, length: number): number {
  let hash = length | 0;
  let at = 0;
  for (; length - at >= 4; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, M);
    word ^= word >>> 24;
    word = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = length - at;
  if (rest >= 3) hash ^= bytes[at + 2]! << 16;
  if (rest >= 2) hash ^= bytes[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at]!, M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  hash ^= hash >>> 15;
  return hash >>> 0;
}
