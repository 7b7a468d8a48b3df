import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalAddress } from '../domain/client-address.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import type { ClientResponse } from './client-response.ts';

/** What is known of a client's connection, worked out once for all its requests. */
export type ClientConnection = {
  /** Address of the peer in its canonical spelling; '' if it is gone. */
  readonly peer: string;
  /** Whether the peer may say on whose behalf it asks. */
  readonly isTrusted: boolean;
  /** So many came on it. */
  requests: number;
  /** Answers that are not over, the eldest, which is the next to be written, first. */
  readonly answers: ClientResponse[];
  /** The one that came last; while it is not complete, what comes is its body. */
  latest: IncomingMessage | undefined;
  /** How much had been sent, and what was queued, when something of it last moved. */
  readonly sending: { written: number; queued: number; since: number | undefined };
  /** How many bytes had come when all that had come was answered. */
  answeredUpTo: number;
  /** Whether the connection is to end with the answers that are under way: what else comes on it is not served. */
  isEnding: boolean;
};

const CONNECTION = Symbol('connection');
type KnownSocket = Socket & { [CONNECTION]?: ClientConnection };

/** To be asked for first while the connection is open: of one that is gone the address is not known any more. */
export function connectionOf(socket: Socket, trusted: TrustedProxies): ClientConnection {
  return ((socket as KnownSocket)[CONNECTION] ??= read(socket, trusted));
}

/** What `connectionOf` found out. */
export function knownConnection(socket: Socket): ClientConnection {
  return (socket as KnownSocket)[CONNECTION] ?? connectionFrom('', false);
}

function read(socket: Socket, trusted: TrustedProxies): ClientConnection {
  const peer = canonicalAddress(socket.remoteAddress ?? '') ?? '';
  return connectionFrom(peer, peer !== '' && trusted.has(peer));
}

function connectionFrom(peer: string, isTrusted: boolean): ClientConnection {
  return {
    peer,
    isTrusted,
    requests: 0,
    answers: [],
    latest: undefined,
    sending: { written: 0, queued: 0, since: undefined },
    answeredUpTo: 0,
    isEnding: false,
  };
}
