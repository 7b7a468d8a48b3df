import type { RequestRecord } from '../data-plane/pipeline.ts';
import { durationSlot, noCounts, noTraffic, sumOf } from '../domain/traffic.ts';
import type { RouteTraffic, SideCounts } from '../domain/traffic.ts';

const SLOTS = 10;

type Slot = {
  /** Of the clock, in slots; what it counts belongs to that stretch of time alone. */
  at: number;
  old: Counting;
  new: Counting;
  fallbacks: Record<string, number>;
  withheld: Record<string, number>;
};
type Counting = Omit<SideCounts, 'durations'> & { durations: number[] };

/** What each route carried in the last `windowMs`, exact to a tenth of it. What happens at a request is an addition or three. */
export class TrafficWindow {
  readonly #slotMs: number;
  readonly #now: () => number;
  readonly #slots = new Map<string, Slot[]>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(windowMs: number, now: () => number = () => performance.now()) {
    this.#slotMs = windowMs / SLOTS;
    this.#now = now;
  }

  add({ route, assignment, status, fallback, withheld, fault, durationMs }: RequestRecord): void {
    if (!route || !assignment) return;
    const slot = this.#slotOf(route.name);
    const counts = slot[assignment.side];
    const isFailed = (status !== undefined && status >= 500) || (fault !== undefined && !fault.startsWith('client-'));
    counts.requests++;
    counts.durations[durationSlot(durationMs)]!++;
    if (isFailed) counts.failed++;
    else if (fallback) counts.saved++;
    if (fallback) slot.fallbacks[fallback] = (slot.fallbacks[fallback] ?? 0) + 1;
    if (withheld) slot.withheld[withheld] = (slot.withheld[withheld] ?? 0) + 1;
  }

  of(route: string): RouteTraffic {
    const oldest = this.#slotNow() - SLOTS + 1;
    const current = (this.#slots.get(route) ?? []).filter(({ at }) => at >= oldest);
    if (current.length === 0) return noTraffic();
    return sumOf(
      current.map(({ old, new: gaining, fallbacks, withheld }) => ({
        sides: { old, new: gaining },
        fallbacks,
        withheld,
      })),
    );
  }

  #slotNow(): number {
    return Math.floor(this.#now() / this.#slotMs);
  }

  #slotOf(route: string): Slot {
    let slots = this.#slots.get(route);
    if (!slots) this.#slots.set(route, (slots = []));
    const at = this.#slotNow();
    const known = slots[at % SLOTS];
    if (known?.at === at) return known;
    return (slots[at % SLOTS] = { at, old: counting(), new: counting(), fallbacks: {}, withheld: {} });
  }
}

function counting(): Counting {
  return { ...noCounts(), durations: [...noCounts().durations] };
}
