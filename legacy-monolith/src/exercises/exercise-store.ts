import type { Exercise } from '@fit/contracts/catalogue';
import { MUSCLE_GROUPS } from '@fit/contracts/muscle-groups';
import type { MuscleName, WorkedMuscleGroup } from '@fit/contracts/muscle-groups';
import { sql } from 'kysely';
import type { Database, NewExerciseRow } from '../db/schema.ts';

/** A muscle that an exercise works; intensity is its share of the effort, 0–1. */
export type WorkedMuscle = { muscle: MuscleName; isPrimary: boolean; intensity: number };

/** An exercise without its id, as it is written. */
export type NewExercise = Omit<NewExerciseRow, 'id' | 'source_id'> & {
  source_id: string | null;
  muscles: readonly WorkedMuscle[];
};

/** PostgreSQL takes 65,535 parameters a statement. */
const ROWS_A_STATEMENT = 500;

/** A number that changes with the catalogue. */
export async function catalogueRevision(db: Database): Promise<number> {
  const { revision } = await db.selectFrom('catalogue_revision').select('revision').executeTakeFirstOrThrow();
  return revision;
}

/** To be called in the transaction that changes the catalogue, or running processes go on serving the old one. */
export async function bumpCatalogueRevision(db: Database): Promise<void> {
  await db
    .updateTable('catalogue_revision')
    .set({ revision: sql<number>`revision + 1` })
    .execute();
}

/** The whole catalogue in ascending order of id, muscles by falling intensity. */
export async function readExercises(db: Database): Promise<Exercise[]> {
  const rows = await db.selectFrom('exercises').selectAll().orderBy('id').execute();
  const musclesOf = await readWorkedMuscles(db);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    difficulty: row.difficulty,
    equipment: row.equipment,
    body_part: row.body_part,
    base_weight: row.base_weight_kg,
    base_reps: row.base_reps,
    muscle_groups: musclesOf.get(row.id) ?? [],
  }));
}

async function readWorkedMuscles(db: Database): Promise<Map<number, WorkedMuscleGroup[]>> {
  const rows = await db
    .selectFrom('exercise_muscle_groups as worked')
    .innerJoin('muscle_groups as muscle', 'muscle.id', 'worked.muscle_group_id')
    .select(['worked.exercise_id', 'muscle.id', 'muscle.name', 'muscle.body_part'])
    .select(['worked.is_primary', 'worked.intensity'])
    .orderBy('worked.exercise_id')
    .orderBy('worked.is_primary', 'desc')
    .orderBy('worked.intensity', 'desc')
    .orderBy('muscle.id')
    .execute();
  const byExercise = Map.groupBy(rows, (row) => row.exercise_id);
  return new Map([...byExercise].map(([id, group]) => [id, group.map(({ exercise_id: _id, ...muscle }) => muscle)]));
}

export async function readMuscleGroups(db: Database) {
  return await db.selectFrom('muscle_groups').select(['id', 'name', 'body_part']).orderBy('id').execute();
}

/** Adds the muscle groups of the contract that are missing. */
export async function ensureMuscleGroups(db: Database): Promise<void> {
  const known = new Set((await readMuscleGroups(db)).map(({ name }) => name));
  const missing = Object.entries(MUSCLE_GROUPS).filter(([name]) => !known.has(name));
  if (missing.length === 0) return;
  await db
    .insertInto('muscle_groups')
    .values(missing.map(([name, body_part]) => ({ name, body_part })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Writes new exercises with their muscles. `onWritten` hears how many more there are after each statement. */
export async function insertExercises(
  db: Database,
  exercises: readonly NewExercise[],
  onWritten: (count: number) => void = () => undefined,
): Promise<void> {
  for (let from = 0; from < exercises.length; from += ROWS_A_STATEMENT) {
    const batch = exercises.slice(from, from + ROWS_A_STATEMENT);
    const inserted = await db
      .insertInto('exercises')
      .values(batch.map(({ muscles: _muscles, ...row }) => row))
      .returning(['id', 'slug'])
      .execute();
    const idOf = new Map(inserted.map(({ id, slug }) => [slug, id]));
    await insertWorkedMuscles(
      db,
      batch.map(({ slug, muscles }) => ({ exerciseId: idOf.get(slug)!, muscles })),
    );
    onWritten(batch.length);
  }
}

/** Replaces one exercise and its muscles; its id and slug stay. */
export async function updateExercise(db: Database, exerciseId: number, exercise: NewExercise): Promise<void> {
  const { muscles, slug: _slug, ...row } = exercise;
  await db.updateTable('exercises').set(row).where('id', '=', exerciseId).execute();
  await db.deleteFrom('exercise_muscle_groups').where('exercise_id', '=', exerciseId).execute();
  await insertWorkedMuscles(db, [{ exerciseId, muscles }]);
}

async function insertWorkedMuscles(
  db: Database,
  exercises: readonly { exerciseId: number; muscles: readonly WorkedMuscle[] }[],
): Promise<void> {
  const groups = await readMuscleGroups(db);
  const idOf = new Map(groups.map(({ id, name }) => [name, id]));
  const rows = exercises.flatMap(({ exerciseId, muscles }) =>
    muscles.map(({ muscle, isPrimary, intensity }) => ({
      exercise_id: exerciseId,
      muscle_group_id: idOf.get(muscle)!,
      is_primary: isPrimary,
      intensity,
    })),
  );
  await db.insertInto('exercise_muscle_groups').values(rows).execute();
}
