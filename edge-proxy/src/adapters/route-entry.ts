import { z } from 'zod';
import { isUnderWay } from '../domain/ramp.ts';
import type { RouteState } from '../domain/route-state.ts';
import { NOBODY, revision } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';
import { keptRamp, keptVerdict, rampOf, rampSchema, verdictSchema, weightSchema } from './ramp-entry.ts';
import { sealed, unsealed } from './sealed-line.ts';

/**
 * How a state is kept, in the log of the file store as in Redis: one line of JSON that a checksum closes.
 *
 *     {"schemaVersion":1,"route":"wod","revision":3,…,"reason":"first step","checksum":"9c0f1a2b"}
 *
 * What a plain change of the weight would say too is left out, so that an entry of an older version means the same.
 */
const SCHEMA_VERSION = 1;

/** The fields of a state on disk. */
export const stateSchema = z.object({
  route: z.string().min(1),
  revision: z.int().min(0),
  weightHundredths: weightSchema,
  weightBeforeHundredths: weightSchema.optional(),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
  reason: z.string(),
  epoch: z.object({ revision: z.int().min(0), since: z.iso.datetime() }).optional(),
  mirrorShareHundredths: weightSchema.optional(),
  mirrorEpoch: z.int().min(0).optional(),
  retired: z.boolean().optional(),
  ramp: rampSchema.optional(),
  verdicts: z.array(verdictSchema).optional(),
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

/**
 * An entry where there is room for so many bytes only: what the change rests on gives way to the change.
 *
 * @throws RangeError if even that does not fit: a plan of a ramp can be too large
 */
export function encodeEntryWithin(maxBytes: number, state: RouteState): string {
  for (const each of shortened(state)) {
    const entry = encodeEntry(each);
    if (Buffer.byteLength(entry) <= maxBytes) return entry;
  }
  throw new RangeError(`The state of route ${state.route} needs more than ${maxBytes} bytes`);
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
  return { route, revision, weightHundredths: weight, ...before, changedBy, changedAt, reason, ...keptRest(state) };
}

export function stateOf(kept: KeptState): RouteState {
  const { route, changedBy, changedAt, reason, ramp } = kept;
  const epoch = kept.epoch ?? { revision: kept.revision, since: changedAt };
  return {
    route,
    revision: revision(kept.revision),
    weight: kept.weightHundredths as Weight,
    weightBefore: kept.weightBeforeHundredths as Weight | undefined,
    epoch: { revision: revision(epoch.revision), since: epoch.since },
    mirrorShare: (kept.mirrorShareHundredths ?? NOBODY) as Weight,
    mirrorEpoch: revision(kept.mirrorEpoch ?? 0),
    retired: kept.retired ?? false,
    ramp: ramp && rampOf(ramp),
    verdicts: kept.verdicts ?? [],
    changedBy,
    changedAt,
    reason,
  };
}

/** What a plain change of the weight does not need. */
function keptRest(state: RouteState): Partial<KeptState> {
  const { epoch, mirrorShare, mirrorEpoch, retired, ramp, verdicts } = state;
  const isOwnEpoch = epoch.revision === state.revision && epoch.since === state.changedAt;
  return {
    ...(!isOwnEpoch && { epoch: { revision: epoch.revision, since: epoch.since } }),
    ...(mirrorShare !== NOBODY && { mirrorShareHundredths: mirrorShare }),
    ...(mirrorEpoch > 0 && { mirrorEpoch }),
    ...(retired && { retired }),
    ...(ramp && { ramp: keptRamp(ramp) }),
    ...(verdicts.length > 0 && { verdicts: verdicts.map(keptVerdict) }),
  };
}

/** What can be done without, most dispensable first: numbers say what sentences say. */
function* shortened(state: RouteState): Iterable<RouteState> {
  yield state;
  yield { ...state, verdicts: state.verdicts.map((verdict) => ({ ...verdict, sentence: '' })) };
  yield { ...state, verdicts: [] };
  if (state.ramp && !isUnderWay(state.ramp)) yield { ...state, verdicts: [], ramp: undefined };
}

export function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return `${path.join('.')}: ${message}`;
}
