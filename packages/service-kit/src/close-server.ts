import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

const IDLE_SWEEP_MS = 50;

/** What is going on on a connection: a request without its whole answer, nothing since the last one, or part of a request. */
export type ConnectionState = 'serving' | 'idle' | 'arriving';

/** How long each is waited for; an answer that goes on for longer perhaps never ends. */
const PATIENCE_MS: Readonly<Record<ConnectionState, number>> = { serving: 12_000, arriving: 3000, idle: 0 };

/**
 * Ends a server so that no request is lost that was sent before its sender could know. Four things would lose one:
 *
 * 1. When a listener is closed, the system resets the connections that wait to be accepted. So it is closed right after a
 *    turn of the event loop that had next to nothing to do: hardly any time has passed since all were accepted.
 * 2. `http.Server.close()` closes idle connections at once, whether or not a request is on its way; so only the listener is
 *    closed at first, and what was accepted last has a moment to send its request.
 * 3. Node takes a connection for idle whose answer is still on its way to a slow client; `stateOf` does not.
 * 4. Those that become idle later, or never sent a whole head, would keep the server open until they time out; they are
 *    closed right after everything that has come in was read.
 */
export async function closeServer(
  server: Server,
  connections: ReadonlySet<Socket>,
  { stateOf, lastWordMs }: { stateOf: (socket: Socket) => ConnectionState; lastWordMs: number },
): Promise<void> {
  const closed = once(server, 'close');
  await quietTurn();
  NetServer.prototype.close.call(server);
  if (lastWordMs > 0) await Promise.race([closed, setTimeout(lastWordMs)]);
  const sweepsSince = performance.now();
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  const sweep = setInterval(() => {
    void setImmediate().then(() => {
      const sweepsForMs = performance.now() - sweepsSince;
      for (const socket of connections) if (sweepsForMs >= PATIENCE_MS[stateOf(socket)]) socket.destroy();
    });
  }, IDLE_SWEEP_MS);
  await closed;
  clearInterval(sweep);
  // The rest of what `http.Server` has to end: its own timer.
  server.close();
}

/** Resolves right after a turn of the event loop that took less than 0.1 ms, or after a thousand that all took longer. */
async function quietTurn(): Promise<void> {
  for (let turns = 0; turns < 1000; turns++) {
    const startedAt = performance.now();
    await setImmediate();
    if (performance.now() - startedAt < 0.1) return;
  }
}
