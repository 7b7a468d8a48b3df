import type { BodyPart, Equipment } from '@fit/contracts/muscle-groups';
import type { Role } from '@fit/contracts/auth';
import type { ColumnType, Generated, Insertable, Kysely, Selectable } from 'kysely';

/** The tables as the migrations leave them; both drivers show `timestamptz` as `Date` and `json` parsed. */
export type Schema = {
  users: UserTable;
  user_roles: { user_id: string; role: Role };
  signing_keys: SigningKeyTable;
  muscle_groups: { id: Generated<number>; name: string; body_part: BodyPart };
  exercises: ExerciseTable;
  exercise_muscle_groups: ExerciseMuscleGroupTable;
  catalogue_revision: { revision: number };
  workouts: WorkoutTable;
  workout_exercises: WorkoutExerciseTable;
  idempotency_keys: IdempotencyKeyTable;
};

export type Database = Kysely<Schema>;

type CreatedAt = ColumnType<Date, Date | undefined, never>;

type UserTable = {
  id: Generated<string>;
  /** Lower case. */
  email: string;
  /** PHC string. */
  password_hash: string;
  /** IANA name. */
  zoneinfo: string;
  created_at: CreatedAt;
};
export type User = Selectable<UserTable>;

type SigningKeyTable = {
  kid: string;
  /** PKCS #8, PEM. */
  private_key: string;
  created_at: Date;
  /** Published since `created_at`, signs from here on. */
  signs_from: Date;
};

type ExerciseTable = {
  id: Generated<number>;
  slug: string;
  /** The id in the source that it was imported from; null for what we wrote. */
  source_id: string | null;
  name: string;
  description: string;
  difficulty: number;
  equipment: Equipment;
  body_part: BodyPart;
  base_weight_kg: number;
  base_reps: number;
};
export type ExerciseRow = Selectable<ExerciseTable>;
export type NewExerciseRow = Insertable<ExerciseTable>;

type ExerciseMuscleGroupTable = {
  exercise_id: number;
  muscle_group_id: number;
  is_primary: boolean;
  intensity: number;
};

type WorkoutTable = {
  id: Generated<number>;
  user_id: string;
  performed_at: Date;
  created_at: CreatedAt;
};

type WorkoutExerciseTable = {
  workout_id: number;
  /** 0 for the first. */
  position: number;
  exercise_id: number;
  sets: number;
  reps: number;
  weight_kg: number;
};

type IdempotencyKeyTable = {
  user_id: string;
  key: string;
  /** SHA-256 of the body, hex. */
  request_hash: string;
  /** The answer; null only inside the transaction that makes it. */
  response: ColumnType<unknown, string | null, string>;
  created_at: CreatedAt;
};
