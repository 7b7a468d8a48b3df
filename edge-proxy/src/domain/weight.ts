import { z } from 'zod';

/** The new side's share of users in hundredths of a percent: a whole number from 0 to 10,000. */
export type Weight = number & { readonly brand: 'WeightHundredths' };

export const NOBODY = 0 as Weight;
export const EVERYBODY = 10_000 as Weight;

/** How often a route's state has changed: a whole number from 0, one more at each change. */
export type Revision = number & { readonly brand: 'Revision' };

/** A weight in percent, 0–100 in steps of 0.01, as people and JSON write it. */
export const weightPercentSchema = z
  .number('must be a number from 0 to 100')
  .min(0, 'must be at least 0')
  .max(100, 'must be at most 100')
  .refine(isWholeHundredth, 'must be a multiple of 0.01');

/** @throws RangeError quoting the value */
export function weightFromPercent(percent: number): Weight {
  const result = weightPercentSchema.safeParse(percent);
  if (!result.success) throw new RangeError(`A weight ${result.error.issues[0]?.message}, received ${percent}`);
  // Not -0.
  return (Math.round(percent * 100) + 0) as Weight;
}

export function weightToPercent(weight: Weight): number {
  return weight / 100;
}

/** @throws RangeError quoting the value */
export function revision(value: number): Revision {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`A revision must be a whole number, received ${value}`);
  return value as Revision;
}

function isWholeHundredth(percent: number): boolean {
  return Number(percent.toFixed(2)) === percent;
}
