import { constants, createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ISSUER } from '@fit/contracts/auth';
import type { Jwks } from '@fit/contracts/auth';

/** Makes tokens as the monolith does, and as a forger would. */
export type TokenIssuer = {
  kid: string;
  /** The key set that `/.well-known/jwks.json` serves. */
  jwks: Jwks;
  publicKeyPem: string;
  /** A good RS256 token; `claims` replace or, being undefined, remove the usual ones. */
  issue: (claims?: Claims, header?: JsonObject) => string;
  /** A properly signed token whose payload is any text. */
  signText: (payload: string) => string;
};

export type Claims = JsonObject;
type JsonObject = Record<string, unknown>;

export type TokenIssuerOptions = {
  /** Default `key-1`. */
  kid?: string;
  /** Default now; whole seconds are cut off. */
  now?: () => Date;
  /** The RSA key of a running service, to make tokens that it trusts, or one that fixtures share; default a new one. */
  privateKey?: KeyObject;
};

const LIFETIME_SECONDS = 3600;

export function createTokenIssuer(options: TokenIssuerOptions = {}): TokenIssuer {
  const { kid = 'key-1', now = () => new Date(), privateKey = newRsaKey() } = options;
  const publicKey = createPublicKey(privateKey);
  const { n, e } = publicKey.export({ format: 'jwk' });
  const usualHeader = { alg: 'RS256', typ: 'JWT', kid };
  return {
    kid,
    jwks: { keys: [{ kty: 'RSA', kid, use: 'sig', alg: 'RS256', n: String(n), e: String(e) }] },
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issue: (claims, header) =>
      encodeToken(
        { ...usualHeader, ...header },
        JSON.stringify({ ...goodClaims(now()), ...claims }),
        rs256(privateKey),
      ),
    signText: (payload) => encodeToken(usualHeader, payload, rs256(privateKey)),
  };
}

/** One way in which a request can carry credentials. */
export type NamedCredentials = {
  name: string;
  /** The `Authorization` headers that the request carries, in order; none, one or several. */
  authorization: (issuer: TokenIssuer) => string[];
};

/** Every request that each service must answer with 401 and `WWW-Authenticate`. */
export const BAD_TOKENS: readonly NamedCredentials[] = [
  { name: 'no Authorization header', authorization: () => [] },
  { name: 'an empty Authorization header', authorization: () => [''] },
  { name: 'the scheme alone', authorization: () => ['Bearer'] },
  { name: 'another scheme', authorization: () => ['Basic dXNlcjpwYXNz'] },
  { name: 'a token that is no JWT', authorization: () => ['Bearer abc'] },
  {
    name: 'two Authorization headers, both good',
    authorization: ({ issue }) => [`Bearer ${issue()}`, `Bearer ${issue()}`],
  },
  { name: 'two credentials in one header', authorization: ({ issue }) => [`Bearer ${issue()}, Bearer ${issue()}`] },
  { name: 'broken base64', authorization: ({ issue }) => [`Bearer ${issue().replace('.', '.!!')}`] },
  { name: 'a payload that is not JSON', authorization: ({ signText }) => [`Bearer ${signText('{"sub":')}`] },
  { name: 'another payload under the signature', authorization: (issuer) => [`Bearer ${swapped(issuer)}`] },
  { name: 'a cut signature', authorization: ({ issue }) => [`Bearer ${issue().slice(0, -8)}`] },
  bad('expired', { exp: secondsFromNow(-120) }),
  bad('not valid yet', { nbf: secondsFromNow(120) }),
  bad('without exp', { exp: undefined }),
  bad('with exp as text', { exp: String(secondsFromNow(3600)) }),
  bad('for another audience', { aud: 'edge-admin' }),
  bad('for several audiences', { aud: ['fit', 'edge-admin'] }),
  bad('without audience', { aud: undefined }),
  bad('of another issuer', { iss: 'someone-else' }),
  bad('without issuer', { iss: undefined }),
  bad('without sub', { sub: undefined }),
  bad('with an empty sub', { sub: '' }),
  bad('with a numeric sub', { sub: 7 }),
  bad('with CR LF in sub', { sub: 'user-1\r\nx-role: admin' }),
  bad('with a sub of 300 characters', { sub: 'u'.repeat(300) }),
  bad('with an unknown crit', {}, { crit: ['b64'], b64: true }),
  bad('of an unknown key', {}, { kid: 'no-such-key' }),
  bad('without kid', {}, { kid: undefined }),
  { name: 'a token unsigned, alg none', authorization: () => [`Bearer ${unsigned('none')}`] },
  { name: 'a token unsigned, alg nOnE', authorization: () => [`Bearer ${unsigned('nOnE')}`] },
  {
    name: 'a token signed HS256 with the public key',
    authorization: (issuer) => [`Bearer ${publicKeyAsSecret(issuer)}`],
  },
  {
    name: 'a token signed by another key of the same name',
    authorization: ({ kid }) => [`Bearer ${createTokenIssuer({ kid }).issue()}`],
  },
  { name: 'an array as payload', authorization: ({ signText }) => [`Bearer ${signText('[{"sub":"user-1"}]')}`] },
];

/** Header spellings that every service must accept. */
export const GOOD_AUTHORIZATIONS: readonly NamedCredentials[] = [
  { name: 'a token', authorization: ({ issue }) => [`Bearer ${issue()}`] },
  { name: 'a lower-case scheme', authorization: ({ issue }) => [`bearer ${issue()}`] },
  {
    name: 'a token that expired within the clock tolerance',
    authorization: ({ issue }) => [`Bearer ${issue({ exp: secondsFromNow(-10) })}`],
  },
];

function bad(how: string, claims: Claims, header: JsonObject = {}): NamedCredentials {
  return { name: `a token ${how}`, authorization: ({ issue }) => [`Bearer ${issue(claims, header)}`] };
}

/** Takes a tenth of a second of computing: who starts one fixture after another makes it once. */
export function newRsaKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

function goodClaims(now: Date): Claims {
  const iat = Math.floor(now.getTime() / 1000);
  return { iss: ISSUER, aud: 'fit', sub: 'user-1', iat, exp: iat + LIFETIME_SECONDS, jti: randomUUID() };
}

function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

function unsigned(alg: string): string {
  return encodeToken({ alg, typ: 'JWT' }, JSON.stringify(goodClaims(new Date())), () => Buffer.alloc(0));
}

/** Algorithm confusion: RFC 8725, section 2.1. */
function publicKeyAsSecret({ kid, publicKeyPem }: TokenIssuer): string {
  return encodeToken({ alg: 'HS256', typ: 'JWT', kid }, JSON.stringify(goodClaims(new Date())), (input) =>
    createHmac('sha256', publicKeyPem).update(input).digest(),
  );
}

function swapped({ issue }: TokenIssuer): string {
  const [header, , signature] = issue().split('.');
  const [, payload] = issue({ sub: 'somebody-else' }).split('.');
  return [header, payload, signature].join('.');
}

type Signer = (input: string) => Buffer;

function rs256(key: KeyObject): Signer {
  return (input) => sign('sha256', Buffer.from(input), { key, padding: constants.RSA_PKCS1_PADDING });
}

/** JWS compact serialisation (RFC 7515, section 7.1). */
function encodeToken(header: JsonObject, payload: string, signer: Signer): string {
  const input = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
