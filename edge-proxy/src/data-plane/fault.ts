import { errors } from 'undici';

/** Every way in which a call to an upstream can fail; closed lists, used as metric labels and in `X-Edge-Fallback`. */
export type CallFault =
  | 'refused'
  | 'unreachable'
  | 'unknown-host'
  | 'connect-timeout'
  | 'tls'
  | 'reset'
  | 'malformed'
  | 'first-byte-timeout'
  /** The request's own deadline came before the upstream's time was over. */
  | 'deadline'
  | 'body-timeout'
  /** It stopped reading the request's body. */
  | 'send-timeout'
  /** As many calls as allowed are under way: the edge's own bound. */
  | 'overloaded'
  /** The edge's own breaker lets no call through. */
  | 'breaker-open'
  | 'invalid-request';

/** What by itself says nothing about the upstream: the edge refused or had no time, or the request cannot be sent. */
const NO_EVIDENCE: ReadonlySet<CallFault> = new Set(['deadline', 'overloaded', 'breaker-open', 'invalid-request']);

export function isEvidence(fault: CallFault): boolean {
  return !NO_EVIDENCE.has(fault);
}

/** Why an old side answered for a new one. */
export type FallbackReason = CallFault | 'server-error';

/** What a client does that ends its own request. */
export type ClientFault =
  | 'client-left'
  /** It stopped sending its body. */
  | 'client-silent'
  /** Its body is no HTTP. */
  | 'client-garbled'
  /** It did not read its answer. */
  | 'client-slow';

/** Why a client did not get a whole answer of an upstream. */
export type EndFault = CallFault | ClientFault;

/** Why a fallback that would have been possible was not sent. */
export type Withheld = 'breaker-open' | 'budget-spent';

const BY_SYSTEM_CODE: Record<string, CallFault> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'malformed',
  // undici asserts that a status has three digits from 100.
  ERR_ASSERTION: 'malformed',
  UND_ERR_HEADERS_OVERFLOW: 'malformed',
  UND_ERR_BODY_TIMEOUT: 'body-timeout',
  UND_ERR_INVALID_ARG: 'invalid-request',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalid-request',
};

/** Names what undici or the system reports. An error of several addresses counts as that of the first. */
export function faultOf(error: Error & { code?: string }): CallFault {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return faultOf(error.errors[0]);
  if (error instanceof errors.HTTPParserError) return 'malformed';
  const code = error.code ?? '';
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) return 'tls';
  return BY_SYSTEM_CODE[code] ?? (code.startsWith('HPE_') ? 'malformed' : 'reset');
}
