import { setTimeout as passed } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { RawClient } from '../wire/raw-client.ts';
import { PATIENCE_MS } from '../wire/watch.ts';
import { Wire, get, request } from '../wire/wire-under-test.ts';
import { breakerState } from './offered-load.ts';

/** A monolith that is well again, and probes that take their time: it has its users back whatever they do. */
const OPEN_MS = 200;
const MAX_OPEN_MS = 500;
const GOOD = 20;

const reachability = async ({ edge }: Wire) => await breakerState(edge, 'legacy', 'reachability');

/** One whose breaker for the monolith is open. */
async function startOpen(): Promise<Wire> {
  const breaker = { failures: 5, openMs: OPEN_MS, maxOpenMs: MAX_OPEN_MS };
  const wire = await Wire.start({ legacyUpstream: { breaker, firstByteTimeoutMs: 4000 } });
  wire.upstream.reply = ({ connection }) => connection.reset();
  while ((await reachability(wire)) !== 2) await wire.get('/failing');
  wire.upstream.forget();
  return wire;
}

/** Asks steadily, whatever comes back, until the breaker is closed; then everybody is served. */
async function expectRecovery(wire: Wire): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  const asked: Promise<unknown>[] = [];
  while ((await reachability(wire)) !== 0 && performance.now() < giveUpAt) {
    asked.push(wire.get('/x'));
    await passed(50);
  }
  expect(await reachability(wire)).toBe(0);
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

const upload = (wire: Wire) => wire.client(`${request('POST', '/upload', 'Content-Length: 100000')}a`);

test.concurrent(
  'three slow uploads that are the first to ask',
  async () => {
    await using wire = await startOpen();
    while ((await reachability(wire)) !== 1) await passed(10);
    const uploads = [upload(wire), upload(wire), upload(wire)];
    const answeredOrArrived = () =>
      wire.upstream.requests.length + uploads.filter(({ received }) => received !== '').length >= uploads.length;
    while (!answeredOrArrived()) await passed(10);
    const dripping = uploads.map(drip);
    await expectRecovery(wire);
    uploads.forEach((client) => client.leave());
    await Promise.all(dripping);
  },
  20_000,
);

test.concurrent(
  'slow uploads that never cease to come',
  async () => {
    await using wire = await startOpen();
    const dripping: Promise<void>[] = [];
    const uploads: RawClient[] = [];
    const timer = setInterval(() => {
      const client = upload(wire);
      uploads.push(client);
      dripping.push(drip(client));
      if (uploads.length > 30) uploads.shift()!.leave();
    }, 25);
    try {
      await expectRecovery(wire);
    } finally {
      clearInterval(timer);
      uploads.forEach((client) => client.leave());
    }
    await Promise.all(dripping);
  },
  20_000,
);

test.concurrent(
  'answers that take longer than a breaker stays open',
  async () => {
    await using wire = await startOpen();
    const answerLate = wire.upstream.reply;
    wire.upstream.reply = async (seen) => {
      await passed(2 * MAX_OPEN_MS);
      await answerLate(seen);
    };
    await expectRecovery(wire);
  },
  20_000,
);

test.concurrent(
  'probes that are never answered are failures like others',
  async () => {
    await using wire = await startOpen();
    wire.upstream.reply = () => undefined;
    while ((await reachability(wire)) !== 1) await passed(10);
    const asked = Array.from({ length: 3 }, async () => await wire.get('/x'));
    await wire.upstream.until(() => wire.upstream.requests.length === 3, 'three probes');
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([504, 504, 504]);
    expect(await reachability(wire)).toBeGreaterThan(0);
    wire.upstream.forget();
    await expectRecovery(wire);
    expect((await wire.ask(get('/x'))).status).toBe(200);
  },
  20_000,
);
