import { z } from 'zod';
import type { RouteState } from '../domain/route-state.ts';
import { revision } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';
import { sealed, unsealed } from './sealed-line.ts';

/**
 * How a state is kept, in the log of the file store as in Redis: one line of JSON that a checksum closes.
 *
 *     {"schemaVersion":1,"route":"wod","revision":3,…,"reason":"first step","checksum":"9c0f1a2b"}
 */
const SCHEMA_VERSION = 1;

const weightSchema = z.int().min(0).max(10_000);

/** The fields of a state on disk. */
export const stateSchema = z.object({
  route: z.string().min(1),
  revision: z.int().min(0),
  weightHundredths: weightSchema,
  weightBeforeHundredths: weightSchema.optional(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
  reason: z.string(),
});
export type KeptState = z.infer<typeof stateSchema>;

export const schemaVersionSchema = z.literal(
  SCHEMA_VERSION,
  `must be ${SCHEMA_VERSION}, the only one that this version of the edge reads`,
);

const entrySchema = z.object({ schemaVersion: schemaVersionSchema, ...stateSchema.shape, revision: z.int().min(1) });

export type DecodedEntry =
  { readonly kind: 'entry'; readonly state: RouteState } | { readonly kind: 'damaged'; readonly why: string };

export function encodeEntry(state: RouteState): string {
  return sealed({ schemaVersion: SCHEMA_VERSION, ...keptState(state) });
}

export function decodeEntry(text: string): DecodedEntry {
  const line = unsealed(text);
  if (line.kind === 'broken') return { kind: 'damaged', why: line.why };
  const result = entrySchema.safeParse(line.content);
  if (!result.success) return { kind: 'damaged', why: firstIssue(result.error) };
  return { kind: 'entry', state: stateOf(result.data) };
}

export function keptState(state: RouteState): KeptState {
  const { route, revision, weight, weightBefore, changedBy, changedAt, reason } = state;
  const before = weightBefore === undefined ? {} : { weightBeforeHundredths: weightBefore };
  return { route, revision, weightHundredths: weight, ...before, changedBy, changedAt, reason };
}

export function stateOf(kept: KeptState): RouteState {
  const { route, changedBy, changedAt, reason } = kept;
  const weight = kept.weightHundredths as Weight;
  const weightBefore = kept.weightBeforeHundredths as Weight | undefined;
  return { route, revision: revision(kept.revision), weight, weightBefore, changedBy, changedAt, reason };
}

export function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `${path.join('.')}: ${message}`;
}
