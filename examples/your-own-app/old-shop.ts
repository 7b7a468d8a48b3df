import { portFrom, serve, shopHandlers } from './shop.ts';
import { createIssuer, verifiedClaims } from './tokens.ts';

/**
 * The shop that is left. It logs people in as well, so the new one and the edge get their keys here.
 *
 * For an example on one machine: whoever names himself is believed, and nobody is asked for a password.
 */
const { keySet, issue } = createIssuer('old-shop');

serve('old shop', portFrom('OLD_SHOP_PORT', 4001), {
  ...shopHandlers('old shop', (authorization) => Promise.resolve(verifiedClaims(authorization, keySet))),
  'GET /jwks.json': () => ({ body: keySet }),
  'POST /login': ({ form }) => {
    const sub = form.get('user') ?? 'nobody';
    if (form.has('operator')) return { body: issue({ sub, aud: 'edge-admin', roles: ['operator'] }) };
    const roles = form.has('tester') ? ['tester'] : [];
    return { body: issue({ sub, aud: 'shop', customer: form.get('customer') ?? sub, roles }) };
  },
});
