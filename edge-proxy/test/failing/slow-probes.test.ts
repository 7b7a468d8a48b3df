import { setTimeout as passed } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RawClient } from '../wire/raw-client.ts';
import { PATIENCE_MS } from '../wire/watch.ts';
import { Wire, get, request } from '../wire/wire-under-test.ts';
import { breakerState } from './offered-load.ts';

/** A monolith that is well again, and probes that take their time: it has its users back whatever they do. */
const OPEN_MS = 200;
const MAX_OPEN_MS = 500;
const GOOD = 20;

let wire: Wire;
const reachability = async () => await breakerState(wire.edge, 'legacy', 'reachability');

beforeEach(async () => {
  const breaker = { failures: 5, openMs: OPEN_MS, maxOpenMs: MAX_OPEN_MS };
  wire = await Wire.start({ legacyUpstream: { breaker, firstByteTimeoutMs: 4000 } });
  wire.upstream.reply = ({ connection }) => connection.reset();
  while ((await reachability()) !== 2) await wire.get('/failing');
  wire.upstream.forget();
});
afterEach(async () => await wire[Symbol.asyncDispose]());

/** Asks steadily, whatever comes back, until the breaker is closed; then everybody is served. */
async function expectRecovery(): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  const asked: Promise<unknown>[] = [];
  while ((await reachability()) !== 0 && performance.now() < giveUpAt) {
    asked.push(wire.get('/x'));
    await passed(50);
  }
  expect(await reachability()).toBe(0);
  await Promise.all(asked);
  const statuses = await Promise.all(Array.from({ length: GOOD }, async () => (await wire.get('/x')).status));
  expect(statuses).toEqual(Array.from({ length: GOOD }, () => 200));
}

/** Sends a byte now and then, until it is answered. */
async function drip(client: RawClient): Promise<void> {
  while (client.ending === 'open' && client.received === '' && !client.socket.destroyed) {
    client.send('a');
    await passed(100);
  }
}

const upload = () => wire.client(`${request('POST', '/upload', 'Content-Length: 100000')}a`);

test('three slow uploads that are the first to ask', async () => {
  while ((await reachability()) !== 1) await passed(10);
  const uploads = [upload(), upload(), upload()];
  const answeredOrArrived = () =>
    wire.upstream.requests.length + uploads.filter(({ received }) => received !== '').length >= uploads.length;
  while (!answeredOrArrived()) await passed(10);
  const dripping = uploads.map(drip);
  await expectRecovery();
  uploads.forEach((client) => client.leave());
  await Promise.all(dripping);
}, 20_000);

test('slow uploads that never cease to come', async () => {
  const dripping: Promise<void>[] = [];
  const uploads: RawClient[] = [];
  const timer = setInterval(() => {
    const client = upload();
    uploads.push(client);
    dripping.push(drip(client));
    if (uploads.length > 30) uploads.shift()!.leave();
  }, 25);
  try {
    await expectRecovery();
  } finally {
    clearInterval(timer);
    uploads.forEach((client) => client.leave());
  }
  await Promise.all(dripping);
}, 20_000);

test('answers that take longer than a breaker stays open', async () => {
  const answerLate = wire.upstream.reply;
  wire.upstream.reply = async (seen) => {
    await passed(2 * MAX_OPEN_MS);
    await answerLate(seen);
  };
  await expectRecovery();
}, 20_000);

test('probes that are never answered are failures like others', async () => {
  wire.upstream.reply = () => undefined;
  while ((await reachability()) !== 1) await passed(10);
  const asked = Array.from({ length: 3 }, async () => await wire.get('/x'));
  await wire.upstream.until(() => wire.upstream.requests.length === 3, 'three probes');
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([504, 504, 504]);
  expect(await reachability()).toBeGreaterThan(0);
  wire.upstream.forget();
  await expectRecovery();
  expect((await wire.ask(get('/x'))).status).toBe(200);
}, 20_000);
