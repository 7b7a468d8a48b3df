import type { Socket } from 'node:net';
import { canonicalAddress } from '../domain/client-address.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import type { ResponseWatcher } from './client-response.ts';

/** What is known of a client's connection, worked out once for all its requests. */
export type ClientConnection = {
  /** Address of the peer in its canonical spelling; '' if it is gone. */
  readonly peer: string;
  /** Whether the peer may say on whose behalf it asks. */
  readonly isTrusted: boolean;
  /** Requests that are being passed on, the eldest, whose answer is the next to be written, first. */
  readonly underWay: ResponseWatcher[];
};

const CONNECTION = Symbol('connection');
type KnownSocket = Socket & { [CONNECTION]?: ClientConnection };

export function connectionOf(socket: Socket, trusted: TrustedProxies): ClientConnection {
  return ((socket as KnownSocket)[CONNECTION] ??= read(socket, trusted));
}

/** Those of its requests that are being passed on. */
export function requestsOn(socket: Socket): readonly ResponseWatcher[] {
  return (socket as KnownSocket)[CONNECTION]?.underWay ?? [];
}

function read(socket: Socket, trusted: TrustedProxies): ClientConnection {
  const peer = canonicalAddress(socket.remoteAddress ?? '') ?? '';
  return { peer, isTrusted: peer !== '' && trusted.has(peer), underWay: [] };
}
