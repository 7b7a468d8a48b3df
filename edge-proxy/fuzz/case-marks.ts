import { mix } from './random.ts';

/**
 * How bytes are told apart, wherever they turn up. A case's client has a loopback address of its own: the edge writes it into
 * `X-Forwarded-For`, so what arrives upstream names its sender whatever else was mutated. A case's token stands in everything
 * that is sent for it, both ways: found anywhere else, it has leaked.
 */

/** The most cases that there are addresses for. */
export const MOST_CASES = 200 * 65_536;

const CANARIES = '127.255.0.';

export function addressOfCase(number: number): string {
  return `127.${1 + (number >>> 16)}.${(number >>> 8) & 255}.${number & 255}`;
}

export function addressOfCanary(number: number): string {
  return `${CANARIES}${number + 1}`;
}

export function senderAt(address: string): { kind: 'case' | 'canary'; number: number } | undefined {
  if (address.startsWith(CANARIES)) return { kind: 'canary', number: Number(address.slice(CANARIES.length)) - 1 };
  const parts = /^127\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (!parts) return undefined;
  const [high = 0, middle = 0, low = 0] = parts.slice(1).map(Number);
  return high === 0 || high > 200 ? undefined : { kind: 'case', number: ((high - 1) << 16) | (middle << 8) | low };
}

/** A mutation of a token is no token: its second half is a checksum of the first. */
export function tokenOfCase(number: number): string {
  return `c${number}.${checksum('c', number)}`;
}

/** Tokens of other senders than `own` in a text. */
export function foreignTokens(text: string, own: string): string[] {
  const tokens = text.match(/[ck]\d{1,9}\.[0-9a-z]{7}/g) ?? [];
  return tokens.filter((token) => token !== own && isGenuine(token));
}

/** A canary's requests are numbered, so that the answer to an earlier one is told from its own. */
export function tokenOfCanary(number: number, request: number): string {
  const id = request * 100 + number;
  return `k${id}.${checksum('k', id)}`;
}

/** The letter counts: one put before it makes no canary's token of a case's. */
function checksum(letter: string, number: number): string {
  return mix(letter === 'c' ? 0x5eed : 0xca9a, number)
    .toString(36)
    .padStart(7, '0');
}

function isGenuine(token: string): boolean {
  const [number = '', sum] = token.slice(1).split('.');
  return checksum(token.charAt(0), Number(number)) === sum && String(Number(number)) === number;
}
