import { describe, expect, test } from '@jest/globals';
import { PATIENCE_MS } from './watch.ts';
import type { RawClient } from './raw-client.ts';
import { pause, sending } from './raw-upstream.ts';
import { Wire, get, request } from './wire-under-test.ts';

/**
 * Clients that do not take what they are sent: cut off, whatever it is. Those that take it slowly get it all. The bytes are
 * more than what the system keeps for a connection, so that some of them stay with the edge.
 */
const SEND_TIMEOUT_MS = 500;
const start = async () =>
  await Wire.start({ env: { SEND_TIMEOUT_MS: String(SEND_TIMEOUT_MS), MAX_UNANSWERED: '100' } });

const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const MEGABYTE = 2 ** 20;
const LARGE = answer('x'.repeat(16 * MEGABYTE));

async function inFlight({ edge }: Wire): Promise<number> {
  const text = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  return Number(/^edge_requests_in_flight\S* (\d+)$/m.exec(text)![1]);
}

/** So that it is not told by reading that it was cut off. */
function unread(wire: Wire, bytes: string): RawClient {
  const client = wire.client(bytes);
  client.socket.pause();
  return client;
}

/** It has not read all of `size` bytes, and will not get them. */
async function expectCutOff(client: RawClient, size: number): Promise<void> {
  client.socket.resume();
  await client.rest();
  expect(client.received.length).toBeLessThan(size);
}

/** What it still sends is refused in the end; not so often that it would be taken for one that goes on. */
async function expectRefused(client: RawClient, bytes: string): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (client.ending === 'open' && performance.now() < giveUpAt) {
    await pause(2 * SEND_TIMEOUT_MS);
    client.send(bytes);
  }
  expect(client.ending).toBe('reset');
}

async function untilNoneInFlight(wire: Wire): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while ((await inFlight(wire)) > 0 && performance.now() < giveUpAt) await pause(50);
  expect(await inFlight(wire)).toBe(0);
}

describe('a client that does not read is cut off:', () => {
  test.concurrent.each([
    ['of the upstream', get('/a'), 100],
    ['of the edge itself', get('/health'), 60_000],
    ['404', get('/metrics'), 60_000],
  ])(
    'a pipeline of small answers: %s',
    async (_name, bytes, count) => {
      await using wire = await start();
      // Each of them is written in one go, and nobody waits for it.
      wire.upstream.reply = sending(answer('x'.repeat(60_000)));
      const client = unread(wire, bytes.repeat(count));
      await expectRefused(client, bytes);
      await untilNoneInFlight(wire);
      wire.upstream.forget();
      await wire.expectHealthy();
    },
    40_000,
  );

  test.concurrent.each([
    ['the bytes of an upload that was answered early', `${request('POST', '/a', 'Content-Length: 1000')}x`, 'x'],
    ['empty lines', get('/a'), '\r\n'],
    ['the bytes of a next head', `${get('/a')}GET /`, 'x'],
    ['empty lines behind a pipeline', get('/a').repeat(90), '\r\n'],
  ])(
    'one that goes on sending: %s',
    async (_name, bytes, more) => {
      await using wire = await start();
      wire.upstream.reply = ({ connection }) => void connection.write(LARGE);
      const client = unread(wire, bytes);
      const { connection } = await wire.upstream.arrived('/a');
      for (let sent = 0; !connection.hasEnded && !connection.isClosed && sent < 50; sent++) {
        await pause(SEND_TIMEOUT_MS / 5);
        client.send(more);
      }
      expect(connection.hasEnded || connection.isClosed).toBe(true);
      await untilNoneInFlight(wire);
    },
    20_000,
  );

  test.concurrent(
    'an answer that has come whole from the upstream',
    async () => {
      await using wire = await start();
      wire.upstream.reply = sending(LARGE);
      const client = unread(wire, get('/a'));
      await wire.upstream.arrived('/a');
      await untilNoneInFlight(wire);
      await expectCutOff(client, LARGE.length);
    },
    20_000,
  );
});

describe('nobody else is:', () => {
  test('a client that reads in bits', async () => {
    // The system wakes a writer only when a good part of its buffer is free again, which takes some of these bits.
    await using wire = await Wire.start({ env: { SEND_TIMEOUT_MS: '4000' } });
    wire.upstream.reply = sending(LARGE);
    const client = unread(wire, get('/a'));
    for (let part = 1; client.received.length < LARGE.length / 2; part++) {
      await pause(100);
      client.socket.resume();
      await client.until(({ received }) => received.length > (part * MEGABYTE) / 2, 'next bit');
      client.socket.pause();
    }
    client.socket.resume();
    expect((await client.answer()).body).toHaveLength(16 * MEGABYTE);
  }, 40_000);

  test('a client that reads while the edge is told to stop', async () => {
    const wire = await start();
    wire.upstream.reply = sending(LARGE);
    const client = unread(wire, get('/a'));
    const { connection } = await wire.upstream.arrived('/a');
    client.socket.resume();
    await client.until(({ received }) => received.length > 0, 'beginning of the answer');
    client.socket.pause();
    const stopped = wire.edge[Symbol.asyncDispose]();
    // Long enough for the edge to have it all, and to look for idle connections.
    await pause(300);
    client.socket.resume();
    expect((await client.answer()).body).toHaveLength(16 * MEGABYTE);
    await stopped;
    await connection.left();
    await wire.upstream.close();
  }, 20_000);

  test('a client that waits for its upstream, before its answer and within it', async () => {
    await using wire = await Wire.start({ env: { SEND_TIMEOUT_MS: '200' } });
    wire.upstream.reply = async ({ connection }) => {
      await pause(500);
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n');
      for (const part of ['ab', 'cd', 'ef']) {
        await pause(500);
        connection.write(part);
      }
    };
    const client = wire.client(get('/a'));
    expect((await client.answer()).body).toBe('abcdef');
    expect((await client.send(get('/a')).answer()).body).toBe('abcdef');
  });
});

test('a client that has waited long is cut off like everybody if it does not read then', async () => {
  await using wire = await Wire.start({ env: { SEND_TIMEOUT_MS: '300' } });
  wire.upstream.reply = async ({ connection }) => {
    await pause(1000);
    connection.write(LARGE);
  };
  const client = unread(wire, get('/a'));
  await wire.upstream.arrived('/a');
  await untilNoneInFlight(wire);
  await expectCutOff(client, LARGE.length);
}, 20_000);
