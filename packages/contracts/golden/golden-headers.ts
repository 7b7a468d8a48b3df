/** What golden vectors are made of: whole `Authorization` headers that a client could send, each with what it shows. */
export type GoldenHeader = { shows: string; authorization: readonly string[] };

/** What a real Nginx says of one: the user's key, and the side at each of `GOLDEN_WEIGHTS`; or that it refuses. */
export type GoldenVerdict = { key: string; sides: ('old' | 'new')[] } | { refused: number };
export type GoldenVector = GoldenHeader & GoldenVerdict;
/** `vectors.json` */
export type GoldenFile = { nginx: string; route: string; weights: readonly number[]; vectors: GoldenVector[] };

export const GOLDEN_ROUTE = 'wod';

/** Weights, in percent, at which Nginx is asked for the side of each. */
export const GOLDEN_WEIGHTS = [0.01, 1, 10, 33.33, 50, 75, 90, 99.99] as const;

const segment = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64url');
const HEADER = segment('{"alg":"RS256","typ":"JWT","kid":"golden"}');
const token = (payload: string | Buffer) => `${HEADER}.${segment(payload)}.c2lnbmF0dXJl`;
const bearer = (payload: string | Buffer) => [`Bearer ${token(payload)}`];
const ofSub = (sub: string) => bearer(JSON.stringify({ sub }));

const ORDINARY: GoldenHeader[] = [
  ...Array.from({ length: 40 }, (_, index) => ({ shows: 'a number as text', authorization: ofSub(String(index + 1)) })),
  ...Array.from({ length: 20 }, (_, index) => ({
    shows: 'a UUID',
    authorization: ofSub(`3f2504e0-4f89-41d3-9a0c-0305e82c33${String(index).padStart(2, '0')}`),
  })),
  ...['ada@fit.example', 'grace.hopper+gym@fit.example', 'a', 'ab', 'abc', 'abcd', 'abcde', 'x'.repeat(700)].map(
    (sub) => ({ shows: 'text of any length', authorization: ofSub(sub) }),
  ),
];

const ODD: GoldenHeader[] = [
  { shows: 'a hash of 0xffffffff', authorization: ofSub('u00000g55z6v') },
  { shows: 'UTF-8 of two, three and four bytes', authorization: ofSub('jürgen-東京-🏋️') },
  { shows: 'an escaped surrogate pair', authorization: bearer('{"sub":"\\ud83c\\udfcb"}') },
  { shows: 'a lone high surrogate', authorization: bearer('{"sub":"a\\ud800b"}') },
  { shows: 'a lone low surrogate', authorization: bearer('{"sub":"a\\udc00b"}') },
  { shows: 'invalid UTF-8', authorization: bearer(Buffer.from('7b22737562223a2261ff62c328e28262227d', 'hex')) },
  { shows: 'truncated UTF-8', authorization: bearer(Buffer.from('7b22737562223a22f09f8f227d', 'hex')) },
  { shows: 'a surrogate as UTF-8', authorization: bearer(Buffer.from('7b22737562223a22eda080227d', 'hex')) },
  { shows: 'overlong UTF-8', authorization: bearer(Buffer.from('7b22737562223a22c0af227d', 'hex')) },
  { shows: 'NUL in the sub', authorization: bearer('{"sub":"a\\u0000b"}') },
  { shows: 'a line break in the sub', authorization: bearer('{"sub":"a\\r\\nb"}') },
  { shows: 'a numeric sub', authorization: bearer('{"sub":7}') },
  { shows: 'a null sub', authorization: bearer('{"sub":null}') },
  { shows: 'an empty sub', authorization: bearer('{"sub":""}') },
  { shows: 'no sub', authorization: bearer('{"name":"7"}') },
  { shows: 'a doubled sub', authorization: bearer('{"sub":"first","sub":"last"}') },
  { shows: 'a doubled sub, numeric last', authorization: bearer('{"sub":"first","sub":2}') },
  { shows: 'an array as payload', authorization: bearer('["sub"]') },
  { shows: 'a string as payload', authorization: bearer('"sub"') },
  { shows: 'a payload that is no JSON', authorization: bearer('{"sub":"7"') },
  { shows: 'a byte order mark', authorization: bearer('\ufeff{"sub":"7"}') },
  { shows: 'a sub behind __proto__', authorization: bearer('{"__proto__":{"sub":"7"}}') },
  { shows: 'a lower-case scheme', authorization: [`bearer ${token('{"sub":"7"}')}`] },
  { shows: 'an upper-case scheme', authorization: [`BEARER ${token('{"sub":"7"}')}`] },
  { shows: 'a double-spaced scheme', authorization: [`Bearer  ${token('{"sub":"7"}')}`] },
  { shows: 'a tab before the scheme', authorization: [`\tBearer ${token('{"sub":"7"}')}`] },
  { shows: 'a tab behind the token', authorization: [`Bearer ${token('{"sub":"7"}')}\t`] },
  { shows: 'a tab behind the scheme', authorization: [`Bearer\t${token('{"sub":"7"}')}`] },
  { shows: 'another scheme', authorization: ['Basic YWRhOnNlY3JldA=='] },
  { shows: 'no scheme', authorization: [token('{"sub":"7"}')] },
  { shows: 'padding', authorization: [`Bearer ${HEADER}.${segment('{"sub":"7"}')}==.c2ln`] },
  { shows: 'base64 of the other alphabet', authorization: [`Bearer ${HEADER}.${btoa('{"sub":"??>>~~"}').replace(/=/g, '')}.c2ln`] },
  { shows: 'two segments', authorization: [`Bearer ${HEADER}.${segment('{"sub":"7"}')}`] },
  { shows: 'four segments', authorization: [`Bearer ${token('{"sub":"7"}')}.x`] },
  { shows: 'an unsigned token', authorization: [`Bearer ${HEADER}.${segment('{"sub":"7"}')}.`] },
  { shows: 'text after the token', authorization: [`Bearer ${token('{"sub":"7"}')} x`] },
  { shows: 'an empty header', authorization: [''] },
  { shows: 'no header', authorization: [] },
  { shows: 'two headers', authorization: [...ofSub('7'), ...ofSub('8')] },
];

export const GOLDEN_HEADERS: readonly GoldenHeader[] = [...ORDINARY, ...ODD];
