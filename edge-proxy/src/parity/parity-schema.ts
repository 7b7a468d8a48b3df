import { z } from 'zod';
import { MOST_FIELDS, MOST_SAMPLES } from '../domain/parity.ts';
import type { ParityReport } from '../domain/parity.ts';
import { MOST_FIELD_CHARACTERS, MOST_VALUE_CHARACTERS } from './redact.ts';

/** Reasons for which nothing was compared, and rules of a comparator: small lists, whichever version of the edge wrote them. */
const MOST_REASONS = 50;

const count = z.int().min(0);
const name = z.string().min(1).max(MOST_FIELD_CHARACTERS);
const value = z
  .string()
  .max(MOST_VALUE_CHARACTERS)
  .nullish()
  .transform((text) => text ?? undefined);

const countsSchema = (most: number) =>
  z.record(name, count).refine((counts) => Object.keys(counts).length <= most, `must have at most ${most} members`);

const liveSchema = z.object({ checked: count, broken: count, rules: countsSchema(MOST_FIELDS) });

const sampleSchema = z
  .object({ at: z.iso.datetime(), requestId: z.string().max(MOST_FIELD_CHARACTERS), old: value, new: value })
  .transform((sample) => ({ ...sample, old: sample.old, new: sample.new }));

/** A report that another edge put into the store. */
export const parityReportSchema = z
  .object({
    compared: count,
    differing: count,
    skipped: countsSchema(MOST_REASONS),
    fields: z
      .array(z.object({ field: name, pairs: count, samples: z.array(sampleSchema).max(MOST_SAMPLES) }))
      .max(MOST_FIELDS),
    live: z.object({ old: liveSchema, new: liveSchema }),
  })
  .transform((report): ParityReport => report);
