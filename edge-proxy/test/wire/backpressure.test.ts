import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { pause } from './raw-upstream.ts';
import { get, request, wireForAll } from './wire-under-test.ts';

/** What one end does not read waits at the other end, not in the edge. */
const wire = wireForAll();
const MIB = 1024 * 1024;
/** More than all buffers between two ends hold together, less than what is sent. */
const BOUND = 48 * MIB;
const TOTAL = 160 * MIB;

/** The value that a number keeps: read until it has not changed for a while. */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let calm = 0; calm < 15;) {
    await pause(20);
    calm = read() === last ? calm + 1 : 0;
    last = read();
  }
  return last;
}

/** Reads on from here, counting alone; resolves with the count once there is nothing more, or enough. */
async function drained(socket: Socket, enough: number): Promise<number> {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
    count += chunk.length;
    if (count >= enough) resolve();
  });
  socket.once('close', () => resolve());
  socket.resume();
  await promise;
  return count;
}

/** Writes blocks as fast as the other end takes them. */
async function pour(socket: Socket, total: number): Promise<void> {
  const block = Buffer.alloc(MIB, 'x');
  for (let sent = 0; sent < total && !socket.destroyed; sent += MIB) {
    if (!socket.write(block)) await new Promise<void>((done) => socket.once('drain', done).once('close', done));
  }
}

test('an answer through a client that does not read', async () => {
  let upstreamSocket: Socket | undefined;
  wire().upstream.reply = async ({ connection }) => {
    upstreamSocket = connection.socket;
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
    await pour(connection.socket, TOTAL);
  };
  const client = wire().client(get('/a'));
  client.socket.pause();
  await wire().upstream.arrived('/a');
  const held = await settled(() => (upstreamSocket?.bytesWritten ?? 0) - (upstreamSocket?.writableLength ?? 0));
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(BOUND);
  expect(await drained(client.socket, TOTAL)).toBeGreaterThanOrEqual(TOTAL);
});

test('an upload to an upstream that does not read', async () => {
  wire().upstream.reply = ({ connection }) => void connection.socket.pause();
  const client = wire().client(request('POST', '/a', `Content-Length: ${TOTAL}`));
  const pouring = pour(client.socket, TOTAL);
  const { connection } = await wire().upstream.arrived('/a');
  const taken = await settled(() => client.socket.bytesWritten - client.socket.writableLength);
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(BOUND);
  const had = connection.received.length;
  expect(had + (await drained(connection.socket, TOTAL - had))).toBeGreaterThanOrEqual(TOTAL);
  await pouring;
  connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  expect((await client.answer()).body).toBe('ok');
});
