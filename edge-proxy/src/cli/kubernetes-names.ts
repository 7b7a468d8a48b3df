import { InvalidArgumentError } from 'commander';
import type { RouteParent, ServicePort } from './http-route.ts';

/** Words of a command that name things in a cluster; each parser refuses what the cluster would. */

/** A DNS label (RFC 1123, section 2.1). */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const NAMED = new RegExp(`^(?:(${LABEL})/)?(${LABEL})(?::(\\d{1,5}))?$`);
const HOSTNAME = new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);

export function parseNamespace(text: string): string {
  if (new RegExp(`^${LABEL}$`).test(text)) return text;
  throw new InvalidArgumentError('Must be the name of a namespace.');
}

/** `shop.example` or `*.shop.example` */
export function parseHostname(text: string): string {
  if (HOSTNAME.test(text) && !/\.\d+$/.test(text)) return text;
  throw new InvalidArgumentError('Must be a host name in lower case, without a port; *. may be its beginning.');
}

/** `[NAMESPACE/]NAME:PORT` */
export function parseService(text: string): ServicePort {
  const named = parseNamed(text);
  if (named?.port !== undefined) return { ...named, port: named.port };
  throw new InvalidArgumentError('Must be [NAMESPACE/]NAME:PORT of a Service.');
}

/** `[NAMESPACE/]NAME` */
export function parseGateway(text: string): RouteParent {
  const named = parseNamed(text);
  if (named && named.port === undefined) return { kind: 'Gateway', ...named };
  throw new InvalidArgumentError('Must be [NAMESPACE/]NAME of a Gateway.');
}

/** `[NAMESPACE/]NAME[:PORT]` */
export function parseMeshService(text: string): RouteParent {
  const named = parseNamed(text);
  if (named) return { kind: 'Service', ...named };
  throw new InvalidArgumentError('Must be [NAMESPACE/]NAME[:PORT] of a Service.');
}

function parseNamed(text: string): Omit<RouteParent, 'kind'> | undefined {
  const [, namespace, name, portText] = NAMED.exec(text) ?? [];
  const port = portText === undefined ? undefined : Number(portText);
  if (name === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return { name, ...(namespace !== undefined && { namespace }), ...(port !== undefined && { port }) };
}
