import type { Socket } from 'node:net';
import { knownConnection } from './client-connection.ts';

const SWEEP_MS = 1000;

/**
 * Cuts off clients that do not read what they are sent, whatever it is and however small: looks at all connections once a
 * second, which costs less than a timer at every answer.
 *
 * @param sendTimeoutMs with bytes to be sent, and none of them taken for so long, a connection is closed
 * @returns ends it
 */
export function cutOffSlowReaders(connections: ReadonlySet<Socket>, sendTimeoutMs: number): () => void {
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const socket of connections) if (isStuck(socket, now, sendTimeoutMs)) cutOff(socket);
    },
    Math.min(SWEEP_MS, sendTimeoutMs),
  );
  return () => clearInterval(sweep);
}

function isStuck(socket: Socket, now: number, sendTimeoutMs: number): boolean {
  const connection = knownConnection(socket);
  const sent = socket.bytesWritten - socket.writableLength;
  if (socket.writableLength === 0 || connection.sent !== sent) {
    connection.sent = sent;
    connection.sentAt = now;
  }
  return now - connection.sentAt >= sendTimeoutMs;
}

function cutOff(socket: Socket): void {
  for (const { exchange } of knownConnection(socket).answers) exchange?.giveUp('client-slow');
  socket.destroy();
}
