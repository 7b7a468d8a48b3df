import { createServer as createTlsServer } from 'node:tls';
import { expect, test } from '@jest/globals';
import { selfSigned } from './certificate.ts';
import { CONNECT_TIMEOUT_MS, expectCovered } from './covered.ts';
import type { CoachFault } from './covered.ts';
import { connects, startDroppingListener } from './dropping-listener.ts';
import { listen } from './wire-coach.ts';
import type { FailingCoach, Listening } from './wire-coach.ts';

/** No request ever arrives there. */
const at = (url: string): FailingCoach => ({
  url,
  calls: [],
  [Symbol.asyncDispose]: async () => await Promise.resolve(),
});

const withTls = async (listening: Promise<Listening>): Promise<FailingCoach> => {
  const server = await listening;
  return { ...server, url: server.url.replace('http:', 'https:'), calls: [] };
};

async function refusing(): Promise<FailingCoach> {
  await using gone = await listen(() => undefined);
  return at(gone.url);
}

const FAULTS: Record<string, CoachFault> = {
  'a port that refuses': { reason: 'refused', start: refusing },
  'packets that are dropped': {
    reason: 'connect-timeout',
    start: startDroppingListener,
    certainAfterMs: CONNECT_TIMEOUT_MS,
  },
  // Linux has no route for TCP to the broadcast address.
  'a host that no route leads to': {
    reason: 'unreachable',
    start: async () => await Promise.resolve(at('http://255.255.255.255:81')),
  },
  // RFC 6761, section 6.4: this name never exists.
  'a name that does not exist': {
    reason: 'unknown-host',
    start: async () => await Promise.resolve(at('http://coach.invalid')),
  },
  'a certificate that nobody vouches for': {
    reason: 'tls',
    start: async () =>
      await withTls(
        listen(
          () => undefined,
          () => createTlsServer(selfSigned('127.0.0.1')).on('tlsClientError', () => undefined),
        ),
      ),
  },
  'plain text where TLS is expected': {
    reason: 'tls',
    start: async () =>
      await withTls(listen((socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))),
  },
  'a TLS handshake that hangs': {
    reason: 'connect-timeout',
    start: async () => await withTls(listen((socket) => void socket.resume())),
    certainAfterMs: CONNECT_TIMEOUT_MS,
  },
};

test.concurrent.each(Object.keys(FAULTS))('%s', async (name) => await expectCovered(FAULTS[name]!));

test.concurrent('the listener of these tests really drops packets', async () => {
  await using dropping = await startDroppingListener();
  expect(await connects(dropping.url, 1500)).toBe(false);
});
