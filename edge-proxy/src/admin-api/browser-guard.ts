import { isIPv6 } from 'node:net';
import { ProblemError } from '@fit/service-kit/problem';
import type { RequestHandler } from 'express';

/** What browsers are to make of every answer of the admin listener. */
export const BROWSER_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** Addresses of every interface: to listen on, not to be called by. */
const UNSPECIFIED = new Set(['0.0.0.0', '[::]']);
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:[\]@/?#\s]+)(?::\d{1,5})?$/i;

/**
 * Express middleware: only names that are known, on any port. A page of somebody else that made its own name point here (DNS
 * rebinding) would be of the same origin otherwise.
 *
 * @param host the address that is listened on
 * @param names others that it may be called by, without ports
 */
export function requireKnownHost(host: string, names: readonly string[]): RequestHandler {
  const own = isIPv6(host) ? `[${host}]` : host;
  const known = new Set([...LOCAL_NAMES, own, ...names].map((name) => name.toLowerCase()));
  for (const address of UNSPECIFIED) known.delete(address);
  return (req, _res, next) => {
    const given = req.headersDistinct.host ?? [];
    const name = given.length === 1 ? AUTHORITY.exec(given[0]!)?.[1] : undefined;
    if (name === undefined || !known.has(name.toLowerCase())) {
      const received = JSON.stringify(given.join(', ').slice(0, 100));
      throw new ProblemError(
        'misdirected-host',
        `The admin listener must be called by a name that it knows; ADMIN_HOSTS lists more (received Host: ${received})`,
      );
    }
    next();
  };
}

/** Express middleware: no request that a page of another origin made. */
export const requireSameOrigin: RequestHandler = (req, _res, next) => {
  const { origin, host = '' } = req.headers;
  if (origin !== undefined && !isOriginOf(origin, host)) {
    throw new ProblemError('cross-origin', `Origin must be that of the page at ${host}, received ${quoted(origin)}`);
  }
  next();
};

/** Express middleware: no request that another site had a browser send, however it did. */
export const requireSameSite: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ProblemError('cross-origin', `Sec-Fetch-Site must be same-origin, received ${quoted(site)}`);
  }
  next();
};

/** A proxy in front may end TLS, so that either scheme will do. */
function isOriginOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, origin: normal } = new URL(origin);
  const own = `${protocol}//${host}`;
  return /^https?:$/.test(protocol) && URL.canParse(own) && new URL(own).origin === normal;
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 100));
}
