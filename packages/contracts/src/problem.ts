import { z } from 'zod';

/** application/problem+json (RFC 9457) as every service of the project sends it. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('stable slug'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string(),
    correlation_id: z.string(),
    service: z.string(),
    timestamp: z.iso.datetime(),
    errors: z
      .array(z.strictObject({ field: z.string(), rule: z.string(), value: z.unknown().optional() }))
      .optional()
      .describe('one entry for each field that is wrong'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
export type FieldError = NonNullable<Problem['errors']>[number];

/** What a 409 `not-enough-exercises` adds. */
export type NotEnoughExercises = { required: number; available: number };
