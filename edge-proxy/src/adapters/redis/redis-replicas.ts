import { Complaint } from '@fit/service-kit/complaint';
import { z } from 'zod';
import type { ReplicaReport, SeenReplica } from '../../control-plane/route-store.ts';
import { revision } from '../../domain/weight.ts';
import { isListed, seenReplica } from '../replica-list.ts';
import type { KeptReport } from '../replica-list.ts';
import { evaluate, wasWritten } from './redis-access.ts';
import type { RedisAccess } from './redis-access.ts';
import { FORGET_REPLICAS, READ_REPLICAS, REPORT } from './redis-scripts.ts';

const countSchema = z.number().min(0);
const sideSchema = z.object({
  requests: countSchema,
  failed: countSchema,
  saved: countSchema,
  durations: z.array(countSchema).max(1000),
});
const reportSchema: z.ZodType<ReplicaReport> = z.object({
  id: z.string().min(1),
  incarnation: z.string().min(1),
  startedAt: z.iso.datetime(),
  leads: z.boolean().optional(),
  routes: z.record(
    z.string(),
    z.object({
      revision: z.int().min(0).transform(revision),
      traffic: z.object({
        sides: z.object({ old: sideSchema, new: sideSchema }),
        fallbacks: z.record(z.string(), countSchema),
        withheld: z.record(z.string(), countSchema),
      }),
    }),
  ),
  upstreams: z.record(
    z.string(),
    z.object({
      answers: z.enum(['closed', 'half-open', 'open']),
      reachability: z.enum(['closed', 'half-open', 'open']),
      inFlight: countSchema,
    }),
  ),
});

/** The time, a space, and the report. */
const VALUE = /^(\d{1,15}) (.*)$/s;

type Field = { readonly incarnation: Buffer; readonly value: Buffer; readonly kept: KeptReport | undefined };

const MOST_TOOK_MS = 1000;

/** The reports of all replicas, by the clock of Redis. */
export class RedisReplicas {
  readonly #access: RedisAccess;
  readonly #garbage: Complaint;
  #incarnation: string | undefined;
  /** Of this edge's clock against that of Redis; milliseconds, ahead is positive. */
  clockSkewMs = 0;

  constructor(access: RedisAccess) {
    this.#access = access;
    this.#garbage = new Complaint(access.logger, 'removed a report of a replica from Redis that cannot be read');
  }

  async report(report: ReplicaReport): Promise<void> {
    const { send, keys, logger } = this.#access;
    this.#incarnation = report.incarnation;
    const args = [report.incarnation, JSON.stringify(report)];
    wasWritten(await evaluate(send, { script: REPORT, keys: [keys.replicas], args }), logger);
  }

  async list(): Promise<readonly SeenReplica[]> {
    const { send, keys } = this.#access;
    const askedAt = Date.now();
    const [time, removed, ...all] = await evaluate(send, { script: READ_REPLICAS, keys: [keys.replicas] });
    const tookMs = Date.now() - askedAt;
    if (removed !== 0) this.#garbage.add({ why: `${String(removed)} that were too long` });
    const now = Number(String(time));
    // Of an answer that took long nobody knows when it was given.
    if (tookMs >= 0 && tookMs < MOST_TOOK_MS) this.clockSkewMs = askedAt + tookMs / 2 - now;
    const fields = this.#fieldsOf(all as Buffer[]);
    const kept = fields.flatMap((field) => field.kept ?? []);
    const isThere = (field: Field) => field.kept !== undefined && isListed(field.kept, kept, now);
    await this.#forget(fields.filter((field) => !isThere(field)));
    return fields.filter(isThere).map((field) => seenReplica(field.kept!, now));
  }

  /** Takes this replica off the list. */
  async leave(): Promise<void> {
    if (this.#incarnation === undefined) return;
    await this.#access.send(['HDEL', this.#access.keys.replicas, this.#incarnation]);
  }

  #fieldsOf(all: readonly Buffer[]): Field[] {
    return Array.from({ length: all.length / 2 }, (_, index): Field => {
      const incarnation = all[2 * index]!;
      const value = all[2 * index + 1]!;
      const kept = keptReport(String(incarnation), String(value));
      if (!kept) this.#garbage.add({ why: `field ${JSON.stringify(String(incarnation).slice(0, 100))}` });
      return { incarnation, value, kept };
    });
  }

  async #forget(fields: readonly Field[]): Promise<void> {
    if (fields.length === 0) return;
    const args = fields.flatMap(({ incarnation, value }) => [incarnation, value]);
    await evaluate(this.#access.send, { script: FORGET_REPLICAS, keys: [this.#access.keys.replicas], args });
  }
}

function keptReport(incarnation: string, value: string): KeptReport | undefined {
  const [, at, json] = VALUE.exec(value) ?? [];
  if (at === undefined || json === undefined) return undefined;
  try {
    const report = reportSchema.parse(JSON.parse(json));
    return report.incarnation === incarnation ? { report, at: Number(at) } : undefined;
  } catch {
    return undefined;
  }
}
