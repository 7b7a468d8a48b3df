import { createPublicKey } from 'node:crypto';
import { verifyAuthorization } from '@fit/service-kit/authenticate';
import type { KeySource } from '@fit/service-kit/jwks';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { TokenCheck } from '../token-check.ts';
import { until } from './until.ts';

const issuer = createTokenIssuer();
const key = createPublicKey(issuer.publicKeyPem);
const [header, , signature] = issuer.issue().split('.');

const keys: KeySource = {
  find: (kid) => Promise.resolve(kid === issuer.kid ? { kind: 'known', key } : { kind: 'unavailable' }),
};

/** A token check with the keys of one issuer, as the edge has it, in a hurry. */
export function checkedTokens() {
  const turns = { begun: 0, over: 0 };
  const verify = async (authorization: string) => {
    turns.begun++;
    return await verifyAuthorization(authorization, { keys, audience: 'fit' }).finally(() => turns.over++);
  };
  const tokens = new TokenCheck({ verify, now: Date.now, random: Math.random, pauseMs: 0 });
  return {
    tokens,
    turns,
    genuine: (sub: string) => `Bearer ${issuer.issue({ sub })}`,
    ofUnknownKey: (sub: string) => `Bearer ${issuer.issue({ sub }, { kid: 'key-2' })}`,
    /** Of the right shape, with another's signature. */
    forged: (sub: string) => {
      const claims = { iss: 'fit-monolith', aud: 'fit', sub, exp: Math.floor(Date.now() / 1000) + 3600 };
      return `Bearer ${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    },
    /** Every turn has been taken. */
    idle: () => until(() => tokens.waiting === 0 && turns.begun === turns.over),
  };
}
