import { murmur2 } from './murmur2.ts';
import { EVERYBODY, NOBODY } from './weight.ts';
import type { Weight } from './weight.ts';

/** The side of a migration: the system that is left, or the one that takes over. */
export type Side = 'old' | 'new';

const HASH_MAX = 0xffffffff;
const scratch = Buffer.allocUnsafe(2048);

/**
 * The side of a user, decided by route, key and weight alone: `murmur2("<route>:<key>")` below the cut-off is new. That is
 * Nginx's `split_clients "<route>:$key"` (ngx_http_split_clients_module.c); 0 and 100 % bypass the hash.
 */
export function sideOf(route: string, key: string, weight: Weight): Side {
  return sideOfHash(hashOf(route, key), weight);
}

/** The same for a hash that is known. */
export function sideOfHash(hash: number, weight: Weight): Side {
  if (weight === NOBODY) return 'old';
  if (weight === EVERYBODY) return 'new';
  return hash < cutOff(weight) ? 'new' : 'old';
}

/** Where a user stands, 0–0xffffffff: the new side takes everybody below the cut-off. */
export function hashOf(route: string, key: string): number {
  const text = `${route}:${key}`;
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  if (text.length * 3 > scratch.length) {
    const bytes = Buffer.from(text);
    return murmur2(bytes, bytes.length);
  }
  return murmur2(scratch, scratch.write(text));
}

/**
 * Where a hash lies, in hundredths of a percent, 0–9999: below every weight that has it on the new side, and at or above all
 * others.
 */
export function cohortOf(hash: number): number {
  return Math.min(EVERYBODY - 1, Math.ceil(((hash + 1) * EVERYBODY) / HASH_MAX) - 1);
}

/** The first hash that stays on the old side. */
export function cutOff(weight: Weight): number {
  return Math.floor((weight * HASH_MAX) / EVERYBODY);
}
