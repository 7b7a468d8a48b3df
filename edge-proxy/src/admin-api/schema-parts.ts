import { z } from 'zod';

/** Why something is changed: one line of text. */
export const reasonSchema = z
  .string('must be text that says why')
  .trim()
  .min(1, 'must say why')
  .max(500, 'must have at most 500 characters')
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

export const revisionSchema = z.int().min(0);
export const countSchema = z.int().min(0);
/** The same of both sides of a route. */
export const sidesOf = <Each extends z.ZodType>(each: Each) => z.object({ old: each, new: each });
