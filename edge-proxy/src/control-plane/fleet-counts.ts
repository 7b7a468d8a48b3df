/** What one replica counted; JSON, and to be checked by whoever reads it: an edge of another version may have written it. */
export type ReplicaCounts = { readonly incarnation: string; readonly value: unknown };

export type CountsKey = {
  /** What is counted, of which route: `evidence:wod`. */
  readonly topic: string;
  /** Counts of different epochs do not add up. */
  readonly epoch: number;
};

/**
 * Port: what replicas count, each for itself, so that one of them can sum it, and facts that none may lose. Beside the
 * `RouteStore`, on the same file or Redis; adapters share one contract suite, `adapters/fleet-counts.contract.ts`.
 */
export type FleetCounts = {
  /**
   * Puts what a replica counted since the epoch began in the place of what it put before. The first put of a newer epoch
   * drops the topic's older ones; one of an older epoch is ignored. Rejects if the store cannot be reached.
   */
  put(key: CountsKey, counts: ReplicaCounts): Promise<void>;
  /** Of every replica that ever put any in this epoch, those that are gone too. Rejects if the store cannot be reached. */
  all(key: CountsKey): Promise<readonly ReplicaCounts[]>;
  /** Keeps each fact unless a greater one of its name is known. Rejects if the store cannot be reached. */
  raise(topic: string, facts: Readonly<Record<string, number>>): Promise<void>;
  /** Rejects if the store cannot be reached. */
  facts(topic: string): Promise<Readonly<Record<string, number>>>;
};
