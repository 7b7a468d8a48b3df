/** Members that hold what opens something, or whole heads, which do. */
const SECRET_NAME =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|headers|password|secret|(?:x-)?api-?key|\w*token)$/i;
const HIDDEN = '[Redacted]';

/** Three parts of base64url of which the first is a JSON object (RFC 7515), or the local admin token. */
const TOKEN = /\beyJ[\w-]{6,2048}\.[\w-]+(?:\.[\w-]*)?|\bfit_admin_[\w-]+/g;
/** Name and password within a URL. */
const CREDENTIALS = /:\/\/[^\s/@]{1,255}@/g;
/** Bounded, so that no text takes long. The first letter and the domain remain: enough to ask, not enough to tell. */
const EMAIL = /([^\s@/:<>"'`(),;=[\]])[^\s@/:<>"'`(),;=[\]]{0,254}@([^\s@/:<>"'`(),;=[\]]{1,253}\.\p{L}{2,63})/gu;

/** What is deeper is told by its kind alone. */
const MAX_DEPTH = 6;

/**
 * The fields of a line of the log, without tokens, passwords, whole heads and e-mail addresses, wherever they are; the
 * very same object where there is nothing to hide, which is the usual case and takes no time.
 */
export function hideSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  for (const name in fields) {
    const value = fields[name];
    if (isHarmless(name, value)) continue;
    return Object.fromEntries(Object.entries(fields).map(([each, of]) => [each, hidden(each, of, 1)]));
  }
  return fields;
}

/** A text without tokens and e-mail addresses. */
export function hideInText(text: string): string {
  const withoutTokens = text.includes('eyJ') || text.includes('fit_admin_') ? text.replace(TOKEN, HIDDEN) : text;
  if (!withoutTokens.includes('@')) return withoutTokens;
  return withoutTokens.replace(CREDENTIALS, '://…@').replace(EMAIL, '$1…@$2');
}

/** What an error is, without what drivers add to theirs: queries, their parameters, rows and heads. */
export function describeError(error: unknown): unknown {
  return error instanceof Error ? describe(error, 0) : hidden('err', error, 1);
}

function describe(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type: name,
    message: hideInText(message),
    ...(typeof code === 'string' && { code }),
    ...(stack !== undefined && { stack: hideInText(stack) }),
    ...(cause instanceof Error && depth < MAX_DEPTH && { cause: describe(cause, depth + 1) }),
  };
}

function isHarmless(name: string, value: unknown): boolean {
  if (typeof value === 'string') return hideInText(value) === value && !SECRET_NAME.test(name);
  // Its own serialiser looks after an error.
  return value === null || typeof value !== 'object' || value instanceof Error;
}

function hidden(name: string, value: unknown, depth: number): unknown {
  if (value === undefined || value === null) return value;
  if (SECRET_NAME.test(name)) return HIDDEN;
  if (typeof value === 'string') return hideInText(value);
  if (typeof value !== 'object' || value instanceof Date) return value;
  if (value instanceof Error) return depth === 1 && name === 'err' ? value : describe(value, 0);
  if (depth > MAX_DEPTH) return Array.isArray(value) ? '[list]' : '[object]';
  if (Array.isArray(value)) return value.map((each) => hidden('', each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([each, of]) => [each, hidden(each, of, depth + 1)]));
}
