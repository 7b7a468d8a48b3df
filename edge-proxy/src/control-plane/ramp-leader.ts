import type { RampDecision } from '../domain/ramp-decision.ts';
import type { RouteState } from '../domain/route-state.ts';
import { carryOut } from '../domain/steer-ramp.ts';
import type { ChangeRoute } from './change-route.ts';
import type { ControlEvents } from './control-events.ts';
import type { RouteStore } from './route-store.ts';

export type RampLeaderOptions = {
  store: Pick<RouteStore, 'lead' | 'resign'>;
  door: ChangeRoute;
  /** Of this edge. */
  incarnation: string;
  events: Pick<ControlEvents, 'decided' | 'undecided' | 'leads'>;
};

type Tried = { decision: RampDecision; at: Date | undefined; cause: unknown };

/** Who leads and ends is replaced after this time; one that is renewed twice a second survives a store that is slow. */
export const LEASE_MS = 3000;
/** By whom the edge's own decisions are, in the audit. */
export const RAMP_AUTHOR = 'ramp';

/** Of all edges one leads: it alone carries out what ramps decide. */
export class RampLeader {
  readonly #options: RampLeaderOptions;
  #fence: number | undefined;
  /** Of when this edge last led. */
  #lastFence: number | undefined;
  #renewedAt = -Infinity;

  constructor(options: RampLeaderOptions) {
    this.#options = options;
  }

  get isLeading(): boolean {
    return this.#fence !== undefined && performance.now() - this.#renewedAt < LEASE_MS;
  }

  /**
   * Leads, goes on leading, or sees that another one does. Rejects if the store cannot be reached.
   *
   * @returns whether it leads anew: others may have led since it last did
   */
  async renew(): Promise<boolean> {
    const { store, incarnation, events } = this.#options;
    const askedAt = performance.now();
    const fence = await store.lead(incarnation, LEASE_MS);
    const isAnew = fence !== undefined && fence !== this.#lastFence;
    if (isAnew) events.leads(fence);
    this.#fence = fence;
    this.#lastFence = fence ?? this.#lastFence;
    this.#renewedAt = askedAt;
    return isAnew;
  }

  async resign(): Promise<void> {
    this.#fence = undefined;
    await this.#options.store.resign(this.#options.incarnation);
  }

  /** Makes what was decided about a state the next one, unless the route or the leader is another one meanwhile. */
  async carryOut(state: RouteState, decision: RampDecision): Promise<void> {
    const { door, events } = this.#options;
    const fence = this.#fence;
    if (decision.kind === 'hold' || fence === undefined || !this.isLeading) return;
    const author = { changedBy: RAMP_AUTHOR, reason: decision.sentence };
    let at: Date | undefined;
    const result = await door.change({
      route: state.route,
      expected: state.revision,
      fence,
      next: (current, now) => carryOut(current, decision, author, (at = now)),
    });
    if (result.kind === 'changed') events.decided(result.after, decision);
    else if (result.kind === 'unavailable') await this.#notStored(state, { decision, at, cause: result.cause });
  }

  /**
   * A store that cannot be written must not keep people on a side that fails, as long as nobody else can lead. The rollback
   * has the time of the one that was tried: should that be in the store after all, it is known to be the same.
   */
  async #notStored(state: RouteState, { decision, at, cause }: Tried): Promise<void> {
    const { door, events } = this.#options;
    if (decision.kind !== 'roll-back' || !this.isLeading) return events.undecided(state, decision, cause);
    const { verdicts, sentence: reason } = decision;
    const held = await door.rollback({ route: state.route, changedBy: RAMP_AUTHOR, reason, verdicts, at });
    if (held.kind === 'changed') events.decided(held.after, decision);
  }
}
