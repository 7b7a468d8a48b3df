import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { selfSigned } from '../../test/failing/certificate.ts';
import { FrontCertificate, publishFrontCertificate } from './front-certificate.ts';

const NAME = 'edge_front_certificate_expiry_timestamp_seconds';
const open: { close: () => void }[] = [];
afterEach(() => open.splice(0).forEach((each) => each.close()));

async function listen(server: Server, protocol = 'https'): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return `${protocol}://localhost:${(server.address() as AddressInfo).port}`;
}

function watch(url: string, options: { everyMs?: number; timeoutMs?: number } = {}): FrontCertificate {
  const front = new FrontCertificate({ url, ...options });
  open.unshift(front);
  return front;
}

async function printed(front: FrontCertificate | undefined): Promise<string | undefined> {
  const registry = new Registry();
  publishFrontCertificate(registry, front);
  return (await registry.metrics()).split('\n').find((line) => line.startsWith(`${NAME} `));
}

test('the end of the certificate that the front shows, whoever signed it, and its name is asked for', async () => {
  const asked: string[] = [];
  const server = createTlsServer({
    ...selfSigned('front'),
    SNICallback: (name, answer) => {
      asked.push(name);
      answer(null);
    },
  });
  const front = watch(await listen(server));
  while (front.endsAt === undefined) await delay(5);
  expect(front.endsAt).toBe(Date.UTC(2049, 11, 31, 23, 59, 59) / 1000);
  expect(await printed(front)).toBe(`${NAME} ${front.endsAt}`);
  expect(asked).toEqual(['localhost']);
});

test('what was seen last is told while a front is gone for two looks, not for three, and again when it is back', async () => {
  const toldWhileGone: (number | undefined)[] = [];
  let isGone = false;
  const server = createTlsServer(selfSigned('front'));
  server.on('connection', (socket: Socket) => {
    if (!isGone) return;
    toldWhileGone.push(front.endsAt);
    socket.destroy();
  });
  const front = watch(await listen(server), { everyMs: 20 });
  while (front.endsAt === undefined) await delay(5);
  const seen = front.endsAt;
  isGone = true;
  while (toldWhileGone.length < 4) await delay(5);
  // Each is what is told before that look fails.
  expect(toldWhileGone.slice(0, 4)).toEqual([seen, seen, seen, undefined]);
  expect(await printed(front)).toBeUndefined();
  isGone = false;
  while (front.endsAt === undefined) await delay(5);
  expect(front.endsAt).toBe(seen);
});

test('a front that hangs is given up, and asked again', async () => {
  const calls: Socket[] = [];
  const silent = createServer((socket) => void calls.push(socket.on('error', () => undefined)));
  const front = watch(await listen(silent), { everyMs: 40, timeoutMs: 20 });
  while (calls.length < 3) await delay(5);
  expect(front.endsAt).toBeUndefined();
  expect(await printed(front)).toBeUndefined();
});

test.each([
  ['refuses', 'https://127.0.0.1:1'],
  ['has no name', 'https://nobody.invalid'],
])('a front that %s changes nothing', async (_how, url) => {
  const front = watch(url, { everyMs: 10 });
  await delay(50);
  expect(front.endsAt).toBeUndefined();
});

test('a front that speaks no TLS changes nothing', async () => {
  const plain = createServer(
    (socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  const front = watch(await listen(plain), { everyMs: 10 });
  await delay(50);
  expect(front.endsAt).toBeUndefined();
});

test('nothing is said where no front was named', async () => {
  expect(await printed(undefined)).toBeUndefined();
});
