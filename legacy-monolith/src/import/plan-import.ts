import type { ExerciseRow } from '../db/schema.ts';
import type { NewExercise, WorkedMuscle } from '../exercises/exercise-store.ts';

/** An exercise as the catalogue has it. */
export type StoredExercise = ExerciseRow & { muscles: readonly (Omit<WorkedMuscle, 'muscle'> & { muscle: string })[] };

export type ImportPlan = {
  added: NewExercise[];
  updated: { id: number; exercise: NewExercise }[];
  unchanged: number;
  /** Why the file cannot be imported; empty if it can. */
  problems: string[];
};

/**
 * What an import changes. A record belongs to the row with its source id, else to the row of its name, which it adopts
 * together with its content: so a second import of the same file finds everything unchanged.
 */
export function planImport(incoming: readonly NewExercise[], stored: readonly StoredExercise[]): ImportPlan {
  const bySource = new Map(stored.flatMap((row) => (row.source_id === null ? [] : [[row.source_id, row]])));
  const byName = new Map(stored.map((row) => [row.name.toLowerCase(), row]));
  const slugs = new Set(stored.map(({ slug }) => slug));
  const plan: ImportPlan = { added: [], updated: [], unchanged: 0, problems: [] };
  const sourceIds = new Set(incoming.map(({ source_id }) => source_id));

  for (const [index, exercise] of incoming.entries()) {
    const named = byName.get(exercise.name.toLowerCase());
    const row = bySource.get(exercise.source_id ?? '') ?? named;
    if (named && (named !== row || isOtherRecord(named, exercise, sourceIds))) {
      plan.problems.push(
        `[${index}] name: ${JSON.stringify(exercise.name)} is the name of exercise ${named.id} already`,
      );
    } else if (!row) {
      plan.added.push({ ...exercise, slug: freeSlug(exercise.slug, slugs) });
    } else if (isSame(row, exercise)) {
      plan.unchanged += 1;
    } else {
      plan.updated.push({ id: row.id, exercise });
    }
  }
  return plan;
}

/** Whether the row of that name is another record of the same file, which has been renamed there. */
function isOtherRecord(named: StoredExercise, exercise: NewExercise, sourceIds: ReadonlySet<string | null>): boolean {
  return named.source_id !== null && named.source_id !== exercise.source_id && sourceIds.has(named.source_id);
}

function freeSlug(wanted: string, taken: Set<string>): string {
  let slug = wanted;
  for (let number = 2; taken.has(slug); number += 1) slug = `${wanted}-${number}`;
  taken.add(slug);
  return slug;
}

function isSame(row: StoredExercise, exercise: NewExercise): boolean {
  const { id: _id, slug: _slug, muscles, ...facts } = row;
  const isFactSame = Object.entries(facts).every(([field, value]) => exercise[field as keyof typeof facts] === value);
  return isFactSame && fingerprint(muscles) === fingerprint(exercise.muscles);
}

function fingerprint(muscles: readonly { muscle: string; isPrimary: boolean; intensity: number }[]): string {
  return muscles
    .map(({ muscle, isPrimary, intensity }) => `${muscle} ${isPrimary} ${intensity}`)
    .toSorted()
    .join();
}
