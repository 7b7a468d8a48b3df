import { z } from 'zod';
import { FLAWS, MOST_FLAWED, MOST_USERS } from '../domain/evidence.ts';
import type { Evidence, Flaw } from '../domain/evidence.ts';
import { revision } from '../domain/weight.ts';

const count = z.number().min(0);
/** Hashes; checked by hand, as they are thousands, twice a second. */
const people = (most: number) =>
  z.custom<readonly number[]>((value) => Array.isArray(value) && value.length <= most && value.every(isHash));
const ofFlaws = <Each extends z.ZodType>(each: Each) =>
  z.object(Object.fromEntries(FLAWS.map((flaw) => [flaw, each])) as Record<Flaw, Each>);

const units = ofFlaws(count).extend({ units: count, checked: count });

/** What another edge reported. */
export const evidenceSchema: z.ZodType<Evidence> = z.object({
  epoch: z.int().min(0).transform(revision),
  requests: z.object({ old: count, new: count }),
  units: z.object({ old: units, new: units }),
  misplaced: count,
  unverified: z.object({ old: count, new: count }),
  periods: z
    .array(
      z.object({
        period: z.int().min(1),
        users: people(MOST_USERS),
        flawed: ofFlaws(people(MOST_FLAWED)),
        judged: ofFlaws(people(MOST_USERS)).extend({ users: people(MOST_USERS), checked: people(MOST_USERS) }),
      }),
    )
    .max(2),
  custom: z.record(z.string(), z.object({ bad: count, total: count, lastPeriod: z.int().min(1).optional() })),
});

function isHash(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 0xffffffff && Number.isInteger(value);
}
