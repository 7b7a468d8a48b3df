import { z } from 'zod';
import { BODY_PARTS, EQUIPMENT, workedMuscleGroupSchema } from './muscle-groups.ts';

export const exerciseSchema = z
  .strictObject({
    id: z.int().positive(),
    name: z.string().min(1),
    description: z.string(),
    difficulty: z.int().min(1).max(5).describe('1 anyone … 5 advanced'),
    equipment: z.enum(EQUIPMENT),
    body_part: z.enum(BODY_PARTS),
    base_weight: z.number().min(0).describe('kg; 0 for body weight'),
    base_reps: z.int().min(1),
    muscle_groups: z.array(workedMuscleGroupSchema).min(1),
  })
  .meta({ id: 'Exercise' });
export type Exercise = z.infer<typeof exerciseSchema>;

/** GET /exercises → 200: the whole catalogue, in ascending order of id. */
export const catalogueSchema = z.strictObject({ exercises: z.array(exerciseSchema) }).meta({ id: 'Catalogue' });
export type Catalogue = z.infer<typeof catalogueSchema>;
