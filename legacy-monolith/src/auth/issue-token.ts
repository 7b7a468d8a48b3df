import { ISSUER } from '@fit/contracts/auth';
import type { Audience, Role, Token } from '@fit/contracts/auth';
import jwt from 'jsonwebtoken';
import type { SigningKey } from './signing-key-store.ts';

export type TokenRequest = {
  userId: string;
  email: string;
  zoneinfo: string;
  audience: Audience;
  roles: readonly Role[];
  expiresInSeconds: number;
};

/** A signed access token (RFC 9068 in spirit): RS256, the key's id in its header. */
export function issueToken(request: TokenRequest, signer: SigningKey, now: Date): Token {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const claims = {
    iss: ISSUER,
    aud: request.audience,
    sub: request.userId,
    iat: issuedAt,
    exp: issuedAt + request.expiresInSeconds,
    zoneinfo: request.zoneinfo,
    roles: request.roles,
    // By it the edge tells who changed what. Other tokens go to servers that need not know it.
    ...(request.audience === 'edge-admin' && { email: request.email }),
  };
  return {
    access_token: jwt.sign(claims, signer.privateKey, { algorithm: 'RS256', keyid: signer.kid }),
    token_type: 'Bearer',
    expires_in: request.expiresInSeconds,
  };
}
