import { Complaint } from '@fit/service-kit/complaint';
import type { CountsKey, FleetCounts, ReplicaCounts } from '../../control-plane/fleet-counts.ts';
import { countsJson, wholeFacts } from '../counts-table.ts';
import { evaluate, wasWritten } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { PUT_COUNTS, RAISE_FACTS, READ_COUNTS, READ_FACTS } from './redis-counts-scripts.ts';

/** What the edges that share this Redis counted. */
export class RedisCounts implements FleetCounts {
  readonly #access: RedisAccess;
  readonly #garbage: Complaint;

  constructor(access: RedisAccess) {
    this.#access = access;
    this.#garbage = new Complaint(access.logger, 'ignored counts in Redis that cannot be read');
  }

  async put(key: CountsKey, { incarnation, value }: ReplicaCounts): Promise<void> {
    const { send, keys, logger } = this.#access;
    const args = [String(key.epoch), incarnation, countsJson(key, value)];
    wasWritten(await evaluate(send, { script: PUT_COUNTS, keys: [keys.counts(key.topic)], args }), logger);
  }

  async all({ topic, epoch }: CountsKey): Promise<readonly ReplicaCounts[]> {
    const { send, keys } = this.#access;
    const request = { script: READ_COUNTS, keys: [keys.counts(topic)], args: [String(epoch)] };
    const [tooLong, ...found] = await evaluate(send, request);
    if (tooLong !== 0) this.#garbage.add({ topic, why: `${String(tooLong)} that were too long` });
    return pairsOf(found).flatMap(([incarnation, json]) => this.#counts(topic, incarnation, json));
  }

  async raise(topic: string, facts: Readonly<Record<string, number>>): Promise<void> {
    const { send, keys, logger } = this.#access;
    const args = Object.entries(wholeFacts(topic, facts)).flatMap(([name, value]) => [name, String(value)]);
    wasWritten(await evaluate(send, { script: RAISE_FACTS, keys: [keys.facts(topic)], args }), logger);
  }

  async facts(topic: string): Promise<Readonly<Record<string, number>>> {
    const { send, keys } = this.#access;
    const found = await evaluate(send, { script: READ_FACTS, keys: [keys.facts(topic)] });
    return Object.fromEntries(pairsOf(found).map(([name, value]) => [name, Number(value)]));
  }

  #counts(topic: string, incarnation: string, json: string): ReplicaCounts[] {
    try {
      return [{ incarnation, value: JSON.parse(json) as unknown }];
    } catch {
      this.#garbage.add({ topic, why: `those of ${JSON.stringify(incarnation.slice(0, 100))} are not JSON` });
      return [];
    }
  }
}

function pairsOf(found: readonly unknown[]): [name: string, value: string][] {
  return Array.from({ length: found.length / 2 }, (_, index) => [
    String(found[2 * index]),
    String(found[2 * index + 1]),
  ]);
}
