import { expect, test } from '@jest/globals';
import { readEnv } from './env.ts';

test("an audience and an issuer of somebody else's are as good as ours", () => {
  const env = { JWKS_URL: 'https://id.example/keys', JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'shop' };
  expect(readEnv(env)).toMatchObject(env);
});

test('without a word the keys are those of the monolith', () => {
  expect(readEnv({ LEGACY_URL: 'http://old.example:3000/' })).toMatchObject({
    JWKS_URL: 'http://old.example:3000/.well-known/jwks.json',
    JWT_ISSUER: 'fit-monolith',
    JWT_AUDIENCE: 'fit',
  });
});

test('the whole environment is there for the route file', () => {
  expect(readEnv({ SHOP_PORT: '4001' }).variables).toMatchObject({
    SHOP_PORT: '4001',
    LEGACY_URL: 'http://127.0.0.1:3000',
    COACH_URL: 'http://127.0.0.1:3001',
  });
});
