import { z } from 'zod';

export const BODY_PARTS = ['arms', 'back', 'chest', 'core', 'legs', 'neck', 'shoulders'] as const;
export type BodyPart = (typeof BODY_PARTS)[number];

/** Every muscle group of the catalogue, with the body part it belongs to. */
export const MUSCLE_GROUPS = {
  abdominals: 'core',
  abductors: 'legs',
  adductors: 'legs',
  biceps: 'arms',
  calves: 'legs',
  chest: 'chest',
  forearms: 'arms',
  glutes: 'legs',
  hamstrings: 'legs',
  lats: 'back',
  'lower back': 'back',
  'middle back': 'back',
  neck: 'neck',
  quadriceps: 'legs',
  shoulders: 'shoulders',
  traps: 'back',
  triceps: 'arms',
} as const satisfies Record<string, BodyPart>;

export type MuscleName = keyof typeof MUSCLE_GROUPS;
export const MUSCLE_NAMES = Object.keys(MUSCLE_GROUPS) as [MuscleName, ...MuscleName[]];

export const EQUIPMENT = [
  'barbell',
  'dumbbell',
  'kettlebell',
  'cable',
  'machine',
  'body weight',
  'bands',
  'medicine ball',
  'exercise ball',
  'foam roll',
  'e-z curl bar',
  'other',
] as const;
export type Equipment = (typeof EQUIPMENT)[number];

/** GET /muscle-groups → 200, one row. */
export const muscleGroupSchema = z
  .strictObject({
    id: z.int().positive(),
    name: z.string().min(1),
    body_part: z.enum(BODY_PARTS),
  })
  .meta({ id: 'MuscleGroup' });

export const muscleGroupListSchema = z
  .strictObject({ muscle_groups: z.array(muscleGroupSchema) })
  .meta({ id: 'MuscleGroupList' });

/** A muscle group as one exercise works it. */
export const workedMuscleGroupSchema = muscleGroupSchema
  .extend({
    is_primary: z.boolean(),
    intensity: z.number().min(0).max(1).describe('share of the effort, 0–1'),
  })
  .meta({ id: 'WorkedMuscleGroup' });
export type WorkedMuscleGroup = z.infer<typeof workedMuscleGroupSchema>;
