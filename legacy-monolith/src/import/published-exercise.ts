import { MUSCLE_NAMES } from '@fit/contracts/muscle-groups';
import { z } from 'zod';

export const LEVELS = ['beginner', 'intermediate', 'expert'] as const;
export const CATEGORIES = [
  'strength',
  'stretching',
  'plyometrics',
  'strongman',
  'powerlifting',
  'cardio',
  'olympic weightlifting',
] as const;
/** As published; null where there is none. */
export const PUBLISHED_EQUIPMENT = [
  'body only',
  'barbell',
  'dumbbell',
  'kettlebells',
  'cable',
  'machine',
  'bands',
  'medicine ball',
  'exercise ball',
  'foam roll',
  'e-z curl bar',
  'other',
] as const;

/** What PostgreSQL can keep: no NUL, no half of a surrogate pair. */
const text = z
  .string()
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed text without NUL');
const muscles = z.array(z.enum(MUSCLE_NAMES));

/** One record of free-exercise-db, as published (github.com/yuhonas/free-exercise-db); unknown fields are ignored. */
export const publishedExerciseSchema = z.object({
  id: text.trim().min(1).max(200),
  name: text.trim().min(1).max(200),
  level: z.enum(LEVELS),
  equipment: z.enum(PUBLISHED_EQUIPMENT).nullable(),
  primaryMuscles: muscles.min(1),
  secondaryMuscles: muscles,
  category: z.enum(CATEGORIES),
  instructions: z.array(text),
  force: z.string().nullable(),
  mechanic: z.string().nullable(),
  images: z.array(z.string()),
});
export type PublishedExercise = z.infer<typeof publishedExerciseSchema>;

const SHOWN_LENGTH = 60;

export type ParsedFile =
  | { kind: 'good'; records: PublishedExercise[] }
  /** Each problem names the record's index and the field. */
  | { kind: 'bad'; problems: string[] };

/** Checks every record of a file, and that no id and no name is there twice. */
export function parsePublished(file: unknown): ParsedFile {
  if (!Array.isArray(file)) return { kind: 'bad', problems: ['(whole): must be an array of exercises'] };
  const problems: string[] = [];
  const records = file.flatMap((value: unknown, index) => {
    const result = publishedExerciseSchema.safeParse(value);
    if (result.success) return [result.data];
    problems.push(...result.error.issues.map((issue) => describe(issue, value, index)));
    return [];
  });
  problems.push(...duplicates(file, 'id'), ...duplicates(file, 'name'));
  if (file.length === 0) problems.push('(whole): has no exercises');
  return problems.length > 0 ? { kind: 'bad', problems } : { kind: 'good', records };
}

function describe(issue: z.core.$ZodIssue, record: unknown, index: number): string {
  const received = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    record,
  );
  return `[${index}]${labelOf(record)} ${issue.path.join('.') || '(whole)'}: ${issue.message} (received ${show(received)})`;
}

/** Compared as the catalogue compares them: ids exactly, names without regard to case. */
function duplicates(file: readonly unknown[], field: 'id' | 'name'): string[] {
  const firstAt = new Map<string, number>();
  return file.flatMap((record, index) => {
    const value = (record as Record<string, unknown> | null)?.[field];
    if (typeof value !== 'string') return [];
    const key = field === 'name' ? value.trim().toLowerCase() : value.trim();
    const first = firstAt.get(key);
    if (first === undefined) firstAt.set(key, index);
    return first === undefined ? [] : [`[${index}] ${field}: ${show(value)} is there already, at [${first}]`];
  });
}

function labelOf(record: unknown): string {
  const name = (record as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? ` ${show(name)}` : '';
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
