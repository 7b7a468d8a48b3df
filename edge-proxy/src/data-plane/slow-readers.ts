import type { Socket } from 'node:net';
import { knownConnection } from './client-connection.ts';

const SWEEP_MS = 1000;

/** Where Node keeps what the system has not taken yet of the write that is under way; its own time-outs look there too. */
type WritingSocket = Socket & { _handle?: { writeQueueSize: number } | null };

/**
 * Cuts off clients that do not read what they are sent, whatever it is, however small, and whatever they send meanwhile:
 * looks at all connections once a second, which costs less than a timer at every answer.
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
    Math.min(SWEEP_MS, sendTimeoutMs / 4),
  );
  return () => clearInterval(sweep);
}

function isStuck(socket: WritingSocket, now: number, sendTimeoutMs: number): boolean {
  const { sending } = knownConnection(socket);
  const written = socket.bytesWritten - socket.writableLength;
  const queued = socket['_handle']?.writeQueueSize ?? 0;
  const hasMoved = written !== sending.written || queued !== sending.queued;
  if (socket.writableLength === 0 || sending.since === undefined || hasMoved) {
    Object.assign(sending, { written, queued, since: now });
    return false;
  }
  return now - sending.since >= sendTimeoutMs;
}

function cutOff(socket: Socket): void {
  for (const { exchange } of knownConnection(socket).answers) exchange?.giveUp('client-slow');
  socket.destroy();
}
