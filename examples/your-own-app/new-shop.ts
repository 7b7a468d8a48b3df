import { portFrom, serve, shopHandlers } from './shop.ts';
import { verifiedClaims } from './tokens.ts';
import type { KeySet } from './tokens.ts';

/** The shop that takes over: the same three paths with the same answers, and tokens of the old one. */
const keySetUrl = `http://127.0.0.1:${portFrom('OLD_SHOP_PORT', 4001)}/jwks.json`;

serve(
  'new shop',
  portFrom('NEW_SHOP_PORT', 4002),
  shopHandlers('new shop', async (authorization) => {
    const keySet = (await (await fetch(keySetUrl)).json()) as KeySet;
    return verifiedClaims(authorization, keySet);
  }),
);
