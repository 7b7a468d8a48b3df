import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';

export type Claims = Record<string, unknown>;
/** A key set as RFC 7517 has it; the edge takes RSA keys for signatures, with a `kid`. */
export type KeySet = { keys: (JsonWebKey & { kid: string })[] };

export type Issuer = { keySet: KeySet; issue: (claims: Claims) => string };

const LIFETIME_SECONDS = 3600;
const RS256 = { alg: 'RS256', use: 'sig' } as const;

/** A new key, and tokens signed with it (RS256). Tokens of an earlier start are good no more. */
export function createIssuer(iss: string): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  return {
    keySet: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, ...RS256 }] },
    issue: (claims) => {
      const now = Math.floor(Date.now() / 1000);
      const header = { alg: RS256.alg, typ: 'JWT', kid };
      const signed = [header, { iss, iat: now, exp: now + LIFETIME_SECONDS, ...claims }].map(encoded).join('.');
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

/**
 * The claims of a token with a good signature that has not expired; undefined otherwise. A shop for people checks more:
 * take a library for that.
 */
export function verifiedClaims(authorization: string | undefined, { keys }: KeySet): Claims | undefined {
  const [, header = '', payload = '', signature = ''] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '') ?? [];
  try {
    const { alg, kid } = decoded(header);
    const jwk = keys.find((key) => key.kid === kid);
    if (alg !== RS256.alg || !jwk) return undefined;
    const claims = decoded(payload);
    const isGood = hasSigned(createPublicKey({ key: jwk, format: 'jwk' }), `${header}.${payload}`, signature);
    return isGood && Number(claims['exp']) > Date.now() / 1000 ? claims : undefined;
  } catch {
    return undefined;
  }
}

function hasSigned(key: KeyObject, text: string, signature: string): boolean {
  return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function decoded(part: string): Claims {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
}
