import type { CountsKey, FleetCounts, ReplicaCounts } from '../control-plane/fleet-counts.ts';

/** What one replica counted may be so large, as JSON. */
export const MAX_COUNTS_BYTES = 1_048_576;

/** What is kept of a topic: the JSON of each replica that put any, by incarnation. */
export type CountedTopic = { readonly epoch: number; readonly counted: Map<string, string> };

/** The counts and facts of all topics, in the memory of this process. */
export class CountsTable {
  readonly topics = new Map<string, CountedTopic>();
  readonly facts = new Map<string, Map<string, number>>();

  /** @returns whether it was put: not if a newer epoch has begun */
  put({ topic, epoch }: CountsKey, incarnation: string, json: string): boolean {
    const there = this.topics.get(topic);
    if (there && there.epoch > epoch) return false;
    const current = there?.epoch === epoch ? there : { epoch, counted: new Map<string, string>() };
    this.topics.set(topic, current);
    current.counted.set(incarnation, json);
    return true;
  }

  all({ topic, epoch }: CountsKey): ReplicaCounts[] {
    const there = this.topics.get(topic);
    if (there?.epoch !== epoch) return [];
    return [...there.counted].map(([incarnation, json]) => ({ incarnation, value: JSON.parse(json) as unknown }));
  }

  /** @returns whether any fact is new */
  raise(topic: string, facts: Readonly<Record<string, number>>): boolean {
    const known = this.facts.get(topic) ?? new Map<string, number>();
    const greater = Object.entries(facts).filter(([name, value]) => value > (known.get(name) ?? -1));
    for (const [name, value] of greater) known.set(name, value);
    if (greater.length > 0) this.facts.set(topic, known);
    return greater.length > 0;
  }

  factsOf(topic: string): Record<string, number> {
    return Object.fromEntries(this.facts.get(topic) ?? []);
  }

  clear(): void {
    this.topics.clear();
    this.facts.clear();
  }
}

export type TableEvents = {
  /** Throws while the counts are out of reach. */
  assertReachable: () => void;
  /** Counts have changed. */
  counted?: () => void;
  /** Facts were told, new ones or not; what is rejected rejects the call. */
  raised?: (isNew: boolean) => Promise<void>;
};

/** The port on a table. */
export function tableCounts(table: CountsTable, { assertReachable, counted, raised }: TableEvents): FleetCounts {
  return {
    put: async (key, { incarnation, value }) => {
      const json = countsJson(key, value);
      assertReachable();
      if (table.put(key, incarnation, json)) counted?.();
    },
    all: async (key) => {
      assertReachable();
      return table.all(key);
    },
    raise: async (topic, facts) => {
      const told = wholeFacts(topic, facts);
      assertReachable();
      const isNew = table.raise(topic, told);
      await raised?.(isNew);
    },
    facts: async (topic) => {
      assertReachable();
      return table.factsOf(topic);
    },
  };
}

/**
 * Counts as they are kept.
 *
 * @throws RangeError if they are too large or no JSON, or if the epoch is no revision
 */
export function countsJson({ topic, epoch }: CountsKey, value: unknown): string {
  if (!isWhole(epoch)) throw new RangeError(`The epoch of ${topic} must be a whole number from 0, received ${epoch}`);
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new RangeError(`Counts of ${topic} must be JSON, received ${typeof value}`);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_COUNTS_BYTES) {
    throw new RangeError(`Counts of ${topic} must have at most ${MAX_COUNTS_BYTES} bytes, received ${bytes}`);
  }
  return json;
}

/**
 * Facts as they are kept: whole numbers, rounded.
 *
 * @throws RangeError naming the fact that is none from 0 to 2^53 - 1
 */
export function wholeFacts(topic: string, facts: Readonly<Record<string, number>>): Record<string, number> {
  const rounded = Object.entries(facts).map(([name, value]): [string, number] => {
    if (isWhole(Math.round(value)) && value >= 0) return [name, Math.round(value)];
    throw new RangeError(`Fact ${name} of ${topic} must be a number from 0 to 2^53 - 1, received ${value}`);
  });
  return Object.fromEntries(rounded);
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
