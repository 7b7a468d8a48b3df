import { BlockList, isIP } from 'node:net';

/** What makes an admin listener that the whole machine's neighbours reach acceptable to whoever runs it. */
export const ADMIN_PUBLIC = ['tls-in-front', 'plain'] as const;

const DEFAULT_ADMIN_HOST = '127.0.0.1';
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a listener on it is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Tokens travel over the admin listener, and whoever reads one moves the traffic: it leaves the machine only if somebody
 * said how the way there is kept safe. A rule for `parseEnv`.
 */
export function refuseExposedAdmin({ ADMIN_HOST: host, ADMIN_PUBLIC: allowed }: NodeJS.ProcessEnv): readonly string[] {
  if (isLoopback(host || DEFAULT_ADMIN_HOST) || allowed) return [];
  return [
    `ADMIN_HOST: others than this machine could read operators' tokens on their way to ${JSON.stringify(host)}. ` +
      'Keep 127.0.0.1; or set ADMIN_PUBLIC=tls-in-front if all of them come through a proxy that ends TLS (and the port is ' +
      'closed to everybody else), or ADMIN_PUBLIC=plain if the network itself is private',
  ];
}
