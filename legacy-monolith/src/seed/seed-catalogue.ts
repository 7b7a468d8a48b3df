import { readFileSync } from 'node:fs';
import { BODY_PARTS, EQUIPMENT, MUSCLE_NAMES } from '@fit/contracts/muscle-groups';
import { z } from 'zod';
import type { Database } from '../db/schema.ts';
import { bumpCatalogueRevision, ensureMuscleGroups, insertExercises } from '../exercises/exercise-store.ts';
import type { NewExercise } from '../exercises/exercise-store.ts';

const intensities = z.partialRecord(z.enum(MUSCLE_NAMES), z.number().min(0).max(1));

const seedExerciseSchema = z
  .strictObject({
    slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    name: z.string().min(1),
    description: z.string().min(1),
    difficulty: z.int().min(1).max(5),
    equipment: z.enum(EQUIPMENT),
    body_part: z.enum(BODY_PARTS),
    primary: intensities.refine((muscles) => Object.keys(muscles).length > 0, 'must name a muscle'),
    secondary: intensities,
    base_weight_kg: z.number().min(0),
    base_reps: z.int().min(1),
  })
  .transform(({ primary, secondary, ...row }): NewExercise => ({
    ...row,
    source_id: null,
    muscles: [...workedBy(primary, true), ...workedBy(secondary, false)],
  }));

/** The exercises that we wrote ourselves. */
export function readSeedCatalogue(): NewExercise[] {
  const file = new URL('../../seed/exercises.json', import.meta.url);
  return z.array(seedExerciseSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * Adds what is missing of the catalogue; never changes what is there (an import may have taken it over).
 *
 * @returns how many exercises were added
 */
export async function seedCatalogue(db: Database, exercises: readonly NewExercise[]): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    await ensureMuscleGroups(trx);
    // Locks the one row: of two processes that start at once, the second sees what the first has added.
    await trx.selectFrom('catalogue_revision').select('revision').forUpdate().execute();
    const present = await trx.selectFrom('exercises').select(['slug', 'name']).execute();
    const taken = new Set(present.flatMap(({ slug, name }) => [slug, `name ${name.toLowerCase()}`]));
    const missing = exercises.filter(({ slug, name }) => !taken.has(slug) && !taken.has(`name ${name.toLowerCase()}`));
    if (missing.length === 0) return 0;
    await insertExercises(trx, missing);
    await bumpCatalogueRevision(trx);
    return missing.length;
  });
}

function workedBy(muscles: z.output<typeof intensities>, isPrimary: boolean) {
  return MUSCLE_NAMES.flatMap((muscle) => {
    const intensity = muscles[muscle];
    return intensity === undefined ? [] : [{ muscle, isPrimary, intensity }];
  });
}
