import type { RequestReading, StrictRequest } from './strict-request.ts';
import { valuesOf } from './strict-http.ts';

/** Whether what arrived upstream may have arrived, given what its client sent. Every function returns what is wrong. */

const HOP_BY_HOP = ['keep-alive', 'te', 'trailer', 'proxy-connection', 'proxy-authorization'];
const BODILESS = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request may be sent more than once: it has no effect. */
function isRepeatable({ method, content }: StrictRequest): boolean {
  return BODILESS.includes(method) && content === '';
}

/**
 * Whether a request was sent upstream too often, this arrival included: what has no effect may go to both sides, and to the
 * old one again after a reset.
 *
 * @param times that its client sent it
 * @param calls all those made for it
 */
export function isTooOften(request: StrictRequest, times: number, calls: readonly { upstream: string }[]): boolean {
  if (!isRepeatable(request)) return calls.length > times;
  const toNew = calls.filter(({ upstream }) => upstream === 'new').length;
  return toNew > times || calls.length - toNew > 2 * times;
}

/** Two requests with the same key are the same to an upstream. */
export function keyOf({ method, target, content }: StrictRequest): string {
  return `${method} ${target} ${content}`;
}

/** What the edge must have done to every request, whoever sent it. */
export function faultOfHead(request: StrictRequest, sender: string): string | undefined {
  const { fields, asksForUpgrade } = request;
  const chain = valuesOf(fields, 'x-forwarded-for');
  if (chain.length !== 1 || chain[0] !== sender) return `X-Forwarded-For is ${JSON.stringify(chain)}`;
  if (valuesOf(fields, 'via').length !== 1) return 'no Via';
  const framings = fields.filter(([name]) => name === 'content-length' || name === 'transfer-encoding');
  if (framings.length > 1) return `framed by ${JSON.stringify(framings)}`;
  for (const [name, value] of fields) {
    if (HOP_BY_HOP.includes(name)) return `hop-by-hop field ${name}`;
    if (name === 'upgrade' && !asksForUpgrade) return 'Upgrade outside an upgrade';
    if (name === 'connection' && !/^(keep-alive|close|upgrade)$/i.test(value)) return `Connection: ${value}`;
    if (name === 'expect' && value.toLowerCase() !== '100-continue') return `Expect: ${value}`;
    if (name.includes('_')) return `the field name ${name}`;
    if (/^x-(edge|user)-/.test(name) && value.includes('evil')) return `a client's own ${name}`;
  }
  return undefined;
}

/** The request of a client that an arrival is, if it is one. A cut one is known by its head and the start of its body. */
export function originOf(arrived: StrictRequest, { requests }: RequestReading): StrictRequest | undefined {
  return requests.find(
    ({ method, target, content, isWhole, isForwardable }) =>
      isForwardable &&
      method === arrived.method &&
      target === arrived.target &&
      (arrived.isWhole ? isWhole && content === arrived.content : content.startsWith(arrived.content)),
  );
}
