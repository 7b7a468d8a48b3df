import type { KeySource, RemoteKeys } from '@fit/service-kit/jwks';

/** The request path may not wait for the network, so there a key that is not known yet is none. */
export function onlyKnown(keys: RemoteKeys): KeySource {
  return {
    find: (kid) => {
      const key = keys.peek(kid);
      return Promise.resolve(key ? { kind: 'known', key } : { kind: 'unavailable' });
    },
  };
}
