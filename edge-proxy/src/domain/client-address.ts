import { BlockList, SocketAddress, isIP, isIPv4 } from 'node:net';

/** Which peers may say on whose behalf they ask. */
export type TrustedProxies = { has: (address: string) => boolean };

/**
 * @param cidrs addresses or CIDR blocks, IPv4 or IPv6
 * @throws RangeError quoting the one that is neither
 */
export function trustedProxies(cidrs: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix, ...rest] = cidr.split('/');
    const bits = isIPv4(address) ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    if (
      isIP(address) === 0 ||
      rest.length > 0 ||
      prefix === '' ||
      !Number.isInteger(length) ||
      length < 0 ||
      length > bits
    ) {
      throw new RangeError(`must be a list of addresses or CIDR blocks, received ${JSON.stringify(cidr)}`);
    }
    list.addSubnet(address, length, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return { has: (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') };
}

/**
 * The address of the client: the peer's, or, if the peer is trusted, the last one in `X-Forwarded-For` that is not. An
 * entry that is no address ends the search.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  let client = canonicalAddress(peer ?? '') ?? '';
  const hops = forwardedFor?.split(',') ?? [];
  while (hops.length > 0 && client !== '' && trusted.has(client)) {
    const next = canonicalAddress((hops.pop() ?? '').trim());
    if (next === undefined) break;
    client = next;
  }
  return client;
}

/** One spelling for each address: IPv4-mapped IPv6 as IPv4, IPv6 compressed, no zone. Undefined if it is none. */
export function canonicalAddress(text: string): string | undefined {
  const address = text.toLowerCase().startsWith('::ffff:') && isIPv4(text.slice(7)) ? text.slice(7) : text;
  if (isIPv4(address)) return address;
  const plain = address.split('%', 1)[0] ?? '';
  if (isIP(plain) !== 6) return undefined;
  const { address: canonical } = new SocketAddress({ address: plain, family: 'ipv6' });
  return canonical.startsWith('::ffff:') && isIPv4(canonical.slice(7)) ? canonical.slice(7) : canonical;
}
