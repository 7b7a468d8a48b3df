/**
 * What a bearer token (JWT, RFC 7519) claims, decoded and not verified.
 *
 * @returns undefined without one
 */
export function bearerClaims(authorization: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const payload = /^bearer +[\w-]+\.([\w-]+)\./i.exec(authorization ?? '')?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
