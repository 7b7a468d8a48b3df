import { describe, expect, test } from '@jest/globals';
import type { Jwks } from '@fit/contracts/auth';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { RemoteKeys } from './jwks.ts';
import { createLogger } from './logger.ts';

const MINUTE = 60_000;
const first = createTokenIssuer({ kid: 'first' });
const second = createTokenIssuer({ kid: 'second' });

const serve =
  (...sets: Jwks[]): Behaviour =>
  (_request, res) =>
    sendJson(res, { keys: sets.flatMap(({ keys }) => keys) });
const fail: Behaviour = (_request, res) => void res.writeHead(500).end();

describe('a known key', () => {
  test('is found without asking again', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    expect(await keys.find('first')).toBe('known');
    expect(await keys.find('first')).toBe('known');
    expect(server.requests).toHaveLength(1);
  });

  test('outlives an outage of the endpoint', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    await server.refuse();
    keys.advance(10 * MINUTE);
    expect(await keys.find('second')).toBe('unavailable');
    expect(await keys.find('first')).toBe('known');
  });

  test('goes once the set no longer has it', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    server.behave(serve(second.jwks));
    keys.advance(MINUTE);
    expect(await keys.find('second')).toBe('known');
    expect(await keys.find('first')).toBe('unknown');
  });
});

test('keys for other uses beside it are ignored', async () => {
  const [known] = first.jwks.keys;
  const set = [
    { kty: 'EC', crv: 'P-256', kid: 'ec', x: 'AA', y: 'AA' },
    { ...known, kid: 'encryption', use: 'enc' },
    { ...known, kid: 'other-family', alg: 'PS256' },
    { kty: 'RSA', kid: 'halved', n: 'AA' },
    { kty: 'RSA', kid: 'plain', n: known!.n, e: known!.e },
    known,
  ];
  await using server = await startRecorder((_request, res) => sendJson(res, { keys: set }));
  using keys = keysOf(server);
  await keys.source.start();
  expect(await keys.find('first')).toBe('known');
  expect(await keys.find('plain')).toBe('known');
  for (const kid of ['ec', 'encryption', 'other-family', 'halved']) expect(await keys.find(kid)).toBe('unknown');
});

describe('an unknown kid', () => {
  test('makes it look again, and a rotated key is found', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    server.behave(serve(first.jwks, second.jwks));
    keys.advance(MINUTE);
    expect(await keys.find('second')).toBe('known');
    expect(server.requests).toHaveLength(2);
  });

  test('makes it look again once a minute at most', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    keys.advance(MINUTE);
    for (let i = 0; i < 20; i++) expect(await keys.find(`made-up-${i}`)).toBe('unknown');
    expect(server.requests).toHaveLength(2);
    keys.advance(MINUTE - 1);
    expect(await keys.find('made-up')).toBe('unknown');
    expect(server.requests).toHaveLength(2);
    keys.advance(1);
    expect(await keys.find('made-up')).toBe('unknown');
    expect(server.requests).toHaveLength(3);
  });

  test('asked for by many at once makes one request', async () => {
    await using server = await startRecorder(serve(first.jwks));
    using keys = keysOf(server);
    await keys.source.start();
    keys.advance(MINUTE);
    server.behave(serve(first.jwks, second.jwks));
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.find('second')));
    expect(new Set(found)).toEqual(new Set(['known']));
    expect(server.requests).toHaveLength(2);
  });
});

describe('before the first load', () => {
  test('start tries until it works', async () => {
    await using server = await startRecorder(fail);
    using keys = keysOf(server);
    const started = keys.source.start();
    await server.arrived('/', 1);
    expect(keys.source.loaded).toBe(false);
    server.behave(serve(first.jwks));
    await started;
    expect(await keys.find('first')).toBe('known');
  });

  test('whoever asks is not kept waiting for the next try, which comes five times a second at most', async () => {
    await using server = await startRecorder(fail);
    using keys = keysOf(server);
    expect(await keys.find('first')).toBe('unavailable');
    server.behave(serve(first.jwks));
    keys.advance(199);
    expect(await keys.find('first')).toBe('unavailable');
    expect(server.requests).toHaveLength(1);
    keys.advance(1);
    expect(await keys.find('first')).toBe('known');
  });

  test.each<[string, Behaviour]>([
    ['fails', fail],
    ['sends no JSON', (_request, res) => void res.end('<html>')],
    ['sends another document', (_request, res) => sendJson(res, { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] })],
  ])('an endpoint that %s makes keys unavailable, not unknown', async (_name, behaviour) => {
    await using server = await startRecorder(behaviour);
    using keys = keysOf(server);
    expect(await keys.find('first')).toBe('unavailable');
  });
});

/** The keys of a server, with a clock that is set by hand. */
function keysOf(server: Recorder) {
  let nowMs = 0;
  const logger = createLogger('test', 'silent');
  const source = new RemoteKeys({ url: server.url, logger, cooldownMs: MINUTE, now: () => nowMs });
  return {
    source,
    find: async (kid: string) => (await source.find(kid)).kind,
    advance: (ms: number) => (nowMs += ms),
    [Symbol.dispose]: () => source.stop(),
  };
}
