import { MUSCLE_GROUPS } from '@fit/contracts/muscle-groups';
import type { Equipment } from '@fit/contracts/muscle-groups';
import { defaultIntensity } from '@fit/contracts/prescription';
import type { NewExercise, WorkedMuscle } from '../exercises/exercise-store.ts';
import type { PublishedExercise } from './published-exercise.ts';

const DIFFICULTY: Record<PublishedExercise['level'], number> = { beginner: 1, intermediate: 3, expert: 5 };

/** Published names that differ from ours. */
const EQUIPMENT_NAMES = { 'body only': 'body weight', kettlebells: 'kettlebell' } as const;

/** A beginner's load in kg for strength work; what is not listed is not loaded. */
const BASE_WEIGHT_KG: Partial<Record<Equipment, number>> = {
  barbell: 30,
  'e-z curl bar': 15,
  machine: 25,
  cable: 15,
  kettlebell: 12,
  dumbbell: 10,
  'medicine ball': 4,
};

/** How each kind of exercise is dosed. `load` is the share of the equipment's base weight. */
const DOSES: Record<PublishedExercise['category'], { reps: number; load: number }> = {
  strength: { reps: 10, load: 1 },
  powerlifting: { reps: 5, load: 1.5 },
  'olympic weightlifting': { reps: 5, load: 1 },
  strongman: { reps: 6, load: 1.5 },
  plyometrics: { reps: 10, load: 0.5 },
  stretching: { reps: 8, load: 0 },
  cardio: { reps: 20, load: 0 },
};

const LOAD_STEP_KG = 0.5;

/** A published record as the catalogue keeps it; `slug` is made of the name and may be taken already. */
export function toExercise(record: PublishedExercise): NewExercise {
  const equipment = equipmentOf(record);
  const dose = DOSES[record.category];
  const weightKg = (BASE_WEIGHT_KG[equipment] ?? 0) * dose.load;
  return {
    slug: slugOf(record.name),
    source_id: record.id,
    name: record.name,
    description: descriptionOf(record),
    difficulty: DIFFICULTY[record.level],
    equipment,
    body_part: MUSCLE_GROUPS[record.primaryMuscles[0]!],
    base_weight_kg: Math.round(weightKg / LOAD_STEP_KG) * LOAD_STEP_KG,
    base_reps: dose.reps,
    muscles: musclesOf(record),
  };
}

/** Lower-case letters and digits with single hyphens between. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'exercise';
}

function equipmentOf({ equipment }: PublishedExercise): Equipment {
  if (equipment === null) return 'other';
  return equipment === 'body only' || equipment === 'kettlebells' ? EQUIPMENT_NAMES[equipment] : equipment;
}

function descriptionOf({ name, category, instructions }: PublishedExercise): string {
  const text = instructions
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  return text || `${name}, ${/^[aeiou]/.test(category) ? 'an' : 'a'} ${category} exercise.`;
}

/** Each muscle once; one that is named as primary and as secondary is primary. */
function musclesOf({ primaryMuscles, secondaryMuscles }: PublishedExercise): WorkedMuscle[] {
  const primary = [...new Set(primaryMuscles)];
  const secondary = [...new Set(secondaryMuscles)].filter((muscle) => !primary.includes(muscle));
  return [
    ...primary.map((muscle) => ({ muscle, isPrimary: true, intensity: defaultIntensity(true) })),
    ...secondary.map((muscle, rank) => ({ muscle, isPrimary: false, intensity: defaultIntensity(false, rank) })),
  ];
}
