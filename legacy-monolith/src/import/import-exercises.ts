import type { Database } from '../db/schema.ts';
import {
  bumpCatalogueRevision,
  ensureMuscleGroups,
  insertExercises,
  updateExercise,
} from '../exercises/exercise-store.ts';
import type { NewExercise } from '../exercises/exercise-store.ts';
import { planImport } from './plan-import.ts';
import type { StoredExercise } from './plan-import.ts';

export type ImportSummary = { added: number; updated: number; unchanged: number };

/** Hears how many of how many exercises are dealt with. */
export type ImportProgress = (done: number, total: number) => void;

/** The file contradicts the catalogue; `problems` names every record that does. */
export class ImportConflictError extends Error {
  readonly code = 'import-conflict';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`${problems.length} records contradict the catalogue`);
    this.name = 'ImportConflictError';
    this.problems = problems;
  }
}

/**
 * Brings exercises into the catalogue, all or none. A running monolith on the same PostgreSQL serves them from its next
 * request on.
 *
 * @throws ImportConflictError
 */
export async function importExercises(
  db: Database,
  exercises: readonly NewExercise[],
  onProgress: ImportProgress = () => undefined,
): Promise<ImportSummary> {
  return await db.transaction().execute(async (trx) => {
    await trx.selectFrom('catalogue_revision').select('revision').forUpdate().execute();
    await ensureMuscleGroups(trx);
    const plan = planImport(exercises, await readStored(trx));
    if (plan.problems.length > 0) throw new ImportConflictError(plan.problems);

    let done = plan.unchanged;
    const advance = (count: number) => onProgress((done += count), exercises.length);
    advance(0);
    for (const { id, exercise } of plan.updated) {
      await updateExercise(trx, id, exercise);
      advance(1);
    }
    await insertExercises(trx, plan.added, advance);
    const changes = { added: plan.added.length, updated: plan.updated.length };
    if (changes.added + changes.updated > 0) await bumpCatalogueRevision(trx);
    return { ...changes, unchanged: plan.unchanged };
  });
}

async function readStored(db: Database): Promise<StoredExercise[]> {
  const rows = await db.selectFrom('exercises').selectAll().execute();
  const worked = await db
    .selectFrom('exercise_muscle_groups as worked')
    .innerJoin('muscle_groups as muscle', 'muscle.id', 'worked.muscle_group_id')
    .select(['worked.exercise_id', 'muscle.name as muscle', 'worked.is_primary as isPrimary', 'worked.intensity'])
    .execute();
  const musclesOf = Map.groupBy(worked, (row) => row.exercise_id);
  return rows.map((row) => ({ ...row, muscles: musclesOf.get(row.id) ?? [] }));
}
