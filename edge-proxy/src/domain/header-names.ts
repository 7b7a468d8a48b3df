/** Fields that belong to one connection and are never passed on (RFC 9110, section 7.6.1). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set by the edge alone, whoever sent them before. */
const REPLACED: ReadonlySet<string> = new Set([
  'expect',
  'forwarded',
  'host',
  'traceparent',
  'tracestate',
  'via',
  'x-correlation-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
]);

/** Whether servers behind see a client's field, its name in lower case, as it was sent. */
export function passesUntouched(lower: string): boolean {
  return !HOP_BY_HOP.has(lower) && !REPLACED.has(lower) && !isOurs(lower) && !lower.startsWith('proxy-');
}

/** Names that mean something between our own parts, and those that Nginx drops too because of their underscore. */
function isOurs(lower: string): boolean {
  return lower.startsWith('x-edge-') || lower.startsWith('x-user-') || lower.includes('_');
}

/** Fields without which a request means something else: a `Connection` that names one is refused, not obeyed. */
const NEVER_A_CONNECTION_OPTION: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'pragma',
  'range',
  'referer',
  'set-cookie',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'user-agent',
  'via',
  'x-correlation-id',
  'x-real-ip',
  'x-request-id',
]);

/** Whether a request without the field, its name in lower case, would be another request. */
export function isNeeded(lower: string): boolean {
  return NEVER_A_CONNECTION_OPTION.has(lower) || lower.startsWith('x-forwarded-');
}

/**
 * What may not come after a body (RFC 9110, section 6.5.1): fields for framing, routing, authentication, caching, and those
 * that say how the body is to be read.
 */
const NEVER_A_TRAILER: ReadonlySet<string> = new Set([
  ...NEVER_A_CONNECTION_OPTION,
  'age',
  'allow',
  'etag',
  'expires',
  'last-modified',
  'location',
  'max-forwards',
  'retry-after',
  'vary',
  'warning',
  'www-authenticate',
  'x-served-by',
]);

/** Whether a field of a trailer section, its name in lower case, may be passed on. */
export function mayBeTrailer(lower: string): boolean {
  return !NEVER_A_TRAILER.has(lower);
}

/** The options that a `Connection` field names, in lower case. */
export function connectionOptions(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return [];
  return connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

/** Whether a body can be passed on as it is: what llhttp leaves of any other coding than chunked is still coded. */
export function isKnownCoding(transferEncoding: string | undefined): boolean {
  return transferEncoding === undefined || transferEncoding.toLowerCase() === 'chunked';
}
