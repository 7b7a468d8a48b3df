import { createPublicKey } from 'node:crypto';
import type { KeySource } from '@fit/service-kit/jwks';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { TokenCheck } from '../token-check.ts';
import { verifyToken } from '../verify-token.ts';
import { until } from './until.ts';

const issuer = createTokenIssuer();
const key = createPublicKey(issuer.publicKeyPem);
const [header, , signature] = issuer.issue().split('.');

function keysOf({ away }: { away: boolean }): KeySource {
  const others = { kind: away ? 'unavailable' : 'unknown' } as const;
  return { find: (kid) => Promise.resolve(kid === issuer.kid ? { kind: 'known', key } : others) };
}

/** A token check with the keys of one issuer, as the edge has it, in a hurry. @param away the key set cannot be had */
export function checkedTokens({ away = false } = {}) {
  const keys = keysOf({ away });
  const reasons: string[] = [];
  const turns = { begun: 0, over: 0 };
  const verify = async (authorization: string) => {
    turns.begun++;
    return await verifyToken(authorization, { keys, audience: 'fit' }, Date.now()).finally(() => turns.over++);
  };
  const tokens = new TokenCheck({
    verify,
    onUnverifiable: (reason) => reasons.push(reason),
    now: Date.now,
    random: Math.random,
    pauseMs: 0,
  });
  return {
    tokens,
    turns,
    /** Why it could not be told whether a token is genuine, each time. */
    reasons,
    genuine: (sub: string) => `Bearer ${issuer.issue({ sub })}`,
    ofUnknownKey: (sub: string) => `Bearer ${issuer.issue({ sub }, { kid: 'key-2' })}`,
    ofAnotherAudience: (sub: string) => `Bearer ${issuer.issue({ sub, aud: 'shop' })}`,
    ofAnotherIssuer: (sub: string) => `Bearer ${issuer.issue({ sub, iss: 'shop' })}`,
    ofAnotherAlgorithm: (sub: string) => `Bearer ${issuer.issue({ sub }, { alg: 'HS256' })}`,
    outOfDate: (sub: string) => `Bearer ${issuer.issue({ sub, exp: Math.floor(Date.now() / 1000) - 300 })}`,
    /** Of the right shape, with another's signature. */
    forged: (sub: string) => {
      const claims = { iss: 'fit-monolith', aud: 'fit', sub, exp: Math.floor(Date.now() / 1000) + 3600 };
      return `Bearer ${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    },
    /** Every turn has been taken. */
    idle: () => until(() => tokens.waiting === 0 && turns.begun === turns.over),
  };
}
