import type { GateVerdict } from '../domain/gate-verdict.ts';
import type { Revision, Weight } from '../domain/weight.ts';

/** What happened to a route. */
export type NotificationKind =
  | 'started'
  | 'promoted'
  | 'waiting'
  | 'paused'
  | 'resumed'
  | 'completed'
  | 'frozen'
  | 'rolled-back'
  | 'cancelled'
  | 'retired'
  | 'unretired';

/** A change of a route that people are told of. */
export type RouteNotification = {
  /** The same for the same change, whoever tells of it and how often: `notificationId`. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly route: string;
  /** In words, with its numbers. */
  readonly sentence: string;
  /** The one that the change made. */
  readonly revision: Revision;
  /** Undefined where it is not known any more. */
  readonly weightBefore: Weight | undefined;
  readonly weightAfter: Weight;
  /** `sub` of the operator's token, or the part of the edge that made the change. */
  readonly actor: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** What the change rests on, if the edge itself made it. */
  readonly verdicts: readonly GateVerdict[];
  /** `EDGE_ID` of the edge that tells of it. */
  readonly edge: string;
};

/** Tells people. */
export type Notifier = {
  /** Resolves when that is done, or will not be; rejects only with the reason of the signal, when that is aborted. */
  notify(event: RouteNotification, signal?: AbortSignal): Promise<'delivered' | 'given-up'>;
};

/** `wod:17`; those who are told may drop what they have seen. */
export function notificationId({ route, revision }: Pick<RouteNotification, 'route' | 'revision'>): string {
  return `${route}:${revision}`;
}
