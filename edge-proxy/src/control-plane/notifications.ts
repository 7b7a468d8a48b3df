import type { RampPhase } from '../domain/ramp.ts';
import type { RouteState } from '../domain/route-state.ts';
import { NOBODY } from '../domain/weight.ts';
import type { ControlEvents } from './control-events.ts';
import type { FleetCounts } from './fleet-counts.ts';
import { DRILL } from './drill-rollback.ts';
import { notificationId } from './notifier.ts';
import type { NotificationKind, Notifier, RouteNotification } from './notifier.ts';
import type { RouteStore } from './route-store.ts';

export type NotificationsOptions = {
  notifier: Notifier;
  counts: FleetCounts;
  store: Pick<RouteStore, 'history'>;
  /** `EDGE_ID` */
  edge: string;
  events: Pick<ControlEvents, 'notified'>;
};

/** Changes of one route that may wait to be told. */
const MOST_WAITING = 50;

/**
 * Tells people what became of a route, on the edge that leads: each change once, in order. How far it came is kept in the
 * store, so that the next leader goes on from there; what was under way when a leader ended is told once more.
 */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #told = new Map<string, number>();
  readonly #underWay = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** Begins to tell what is new of a route; does not wait for it. */
  look(state: RouteState): void {
    const { route, revision } = state;
    if (this.#underWay.has(route) || this.#told.get(route) === revision) return;
    this.#underWay.add(route);
    void this.#tellNews(state)
      // What could not be looked up is looked up again.
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(route));
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort();
  }

  async #tellNews({ route, revision }: RouteState): Promise<void> {
    const { counts, store } = this.#options;
    const topic = `use:${route}`;
    const { notifiedRevision } = await counts.facts(topic);
    const told = this.#toldUntil(route, revision, notifiedRevision);
    if (told !== undefined && told < revision) {
      const { entries } = await store.history({ route, limit: MOST_WAITING });
      for (const [at, entry] of [...entries.entries()].toReversed()) {
        if (entry.revision > told && entry.revision <= revision) await this.#tell(entry, entries[at + 1]);
      }
    }
    // Of what happened before anybody was to be told, nobody is.
    if (told === undefined) await counts.raise(topic, { notifiedRevision: revision });
    this.#told.set(route, revision);
  }

  /**
   * Another leader may have told more since this edge last led. A store that lost some of its changes counts on from fewer: then
   * what it says was told means nothing.
   */
  #toldUntil(route: string, revision: number, stored: number | undefined): number | undefined {
    const own = this.#told.get(route);
    if (stored === undefined) return own;
    if (stored > revision) return Math.min(own ?? revision, revision);
    return Math.max(Math.min(own ?? 0, revision), stored);
  }

  async #tell(entry: RouteState, before: RouteState | undefined): Promise<void> {
    const { notifier, counts, events } = this.#options;
    const kind = kindOf(entry, before);
    if (kind) {
      const notification = this.#notificationOf(entry, kind);
      events.notified(entry, await notifier.notify(notification, this.#closing.signal));
    }
    await counts.raise(`use:${entry.route}`, { notifiedRevision: entry.revision });
  }

  #notificationOf(entry: RouteState, kind: NotificationKind): RouteNotification {
    const { route, revision, weight, weightBefore, changedBy, changedAt, reason, verdicts } = entry;
    return {
      id: notificationId(entry),
      kind,
      route,
      sentence: reason,
      revision,
      weightBefore,
      weightAfter: weight,
      actor: changedBy,
      at: changedAt,
      verdicts,
      edge: this.#options.edge,
    };
  }
}

/** What people are told of a change; undefined for one that needs no attention. */
function kindOf(entry: RouteState, before: RouteState | undefined): NotificationKind | undefined {
  const { weight, weightBefore = before?.weight, ramp, revision, retired } = entry;
  const { reason } = entry;
  // Everybody is back in a moment.
  if (weight === NOBODY) return weightBefore === NOBODY || reason.startsWith(DRILL) ? undefined : 'rolled-back';
  if (retired !== (before?.retired ?? false)) return retired ? 'retired' : 'unretired';
  if (!ramp) return undefined;
  if (ramp.id === revision) return 'started';
  if (ramp.phase === before?.ramp?.phase)
    return ramp.phase === 'running' && weight !== weightBefore ? 'promoted' : undefined;
  return KIND_OF_PHASE[ramp.phase];
}

const KIND_OF_PHASE: Readonly<Partial<Record<RampPhase, NotificationKind>>> = {
  waiting: 'waiting',
  frozen: 'frozen',
  completed: 'completed',
  running: 'resumed',
  paused: 'paused',
  cancelled: 'cancelled',
};
