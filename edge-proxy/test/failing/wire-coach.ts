import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** One request as it arrived. Times are of `performance.now()`. */
export type WireCall = {
  id: string;
  arrivedAt: number;
  /** When the coach did what it does wrong; undefined if it did nothing. */
  faultAt?: number;
  /** When the connection ended or the call was answered; undefined while it is under way. */
  endedAt?: number;
};

export type Turn = {
  socket: Socket;
  call: WireCall;
  /** How many calls came before. */
  index: number;
  /** Notes that the fault happens now. */
  fault: () => void;
  /** A whole and good answer. */
  answer: () => void;
};

export type WireBehaviour = (turn: Turn) => void;

/** A coach that fails in its own way, and what it saw. */
export type FailingCoach = AsyncDisposable & { url: string; calls: readonly WireCall[] };
export type WireCoach = FailingCoach & {
  behave: (behaviour: WireBehaviour) => void;
  /** Calls under way. */
  open: () => WireCall[];
};

export const GOOD_BODY = '{"by":"coach"}';
const GOOD_ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-served-by: coach\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`;

export const answerWell: WireBehaviour = ({ answer }) => answer();

/** A server that writes bytes of its own instead of HTTP by the book. It understands requests without a body. */
export async function startWireCoach(initial: WireBehaviour): Promise<WireCoach> {
  let behaviour = initial;
  const calls: WireCall[] = [];
  const take = (socket: Socket, head: string) => {
    const call: WireCall = { id: /^x-request-id: (.*)$/im.exec(head)?.[1] ?? '', arrivedAt: performance.now() };
    calls.push(call);
    const ended = () => void (call.endedAt ??= performance.now());
    const fault = () => void (call.faultAt ??= performance.now());
    const answer = () => {
      ended();
      if (!socket.destroyed) socket.write(GOOD_ANSWER);
    };
    behaviour({ socket, call, index: calls.length - 1, fault, answer });
    return ended;
  };
  const listening = await listen((socket) => {
    let received = '';
    let ended = () => {};
    socket.once('close', () => ended());
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        const head = received.slice(0, end);
        received = received.slice(end + 4);
        ended = take(socket, head);
      }
    });
  });
  return {
    ...listening,
    calls,
    behave: (next) => (behaviour = next),
    open: () => calls.filter(({ endedAt }) => endedAt === undefined),
  };
}

export type Listening = AsyncDisposable & { url: string; port: number };

/** A server on a port of its own, plain or (`from`) of TLS, that survives whatever its connections do. */
export async function listen(
  onSocket: (socket: Socket) => void,
  from: (onSocket: (socket: Socket) => void) => Server = (onSocket) => createServer(onSocket),
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = from(onSocket).on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.resolve();
    },
  };
}

/** Runs again and again until the connection ends. */
export function untilClosed(socket: Socket, everyMs: number, act: () => void): void {
  const timer = setInterval(act, everyMs);
  socket.once('close', () => clearInterval(timer));
}
