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
export const NEVER_A_CONNECTION_OPTION: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'transfer-encoding',
]);

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
