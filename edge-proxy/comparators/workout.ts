import { DEFAULT_TIME_ZONE, dateIn, parseTimeZone, yesterdayIn } from '@fit/contracts/calendar';
import { historySchema } from '@fit/contracts/history';
import { WORKOUT_SIZE, workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import type { WorkoutOfTheDay } from '@fit/contracts/workout-of-the-day';
import type {
  CheckContext,
  Comparator,
  ComparedAnswer,
  CompareRules,
  CreateComparator,
  Difference,
  Violation,
} from '../src/parity/comparator.ts';
import { compareHeads, compareJson, isIgnored } from '../src/parity/comparison.ts';
import { ExerciseFacts } from './exercise-facts.ts';

/** How far `generated_at` may lie from now: clocks differ, and the old generator takes its time. */
const PLAUSIBLE_MS = 5 * 60_000;
/** A workout that is made around midnight may have been drawn on the day before `generated_at`. */
const MIDNIGHT_MS = 30_000;

/** Workouts of the day, as the contract describes them: which exercises were drawn is chance, and no difference. */
export const createComparator: CreateComparator = (rules) => {
  // What takes long the first time takes it now, while nobody waits.
  workoutOfTheDaySchema.safeParse({});
  yesterdayIn(DEFAULT_TIME_ZONE, new Date());
  return createWorkoutComparator(rules, Date.now);
};

/** @param now milliseconds since the epoch */
export function createWorkoutComparator(rules: CompareRules, now: () => number): Comparator {
  const facts = new ExerciseFacts(rules);
  return {
    compare: (old, fresh) => {
      const heads = compareHeads(old, fresh, rules);
      if (old.status !== fresh.status || (old.text === '' && fresh.text === '')) return heads;
      if (old.status !== 200) return [...heads, ...compareProblems(old, fresh, rules)];
      return [...heads, ...compareWorkouts(old, fresh, { rules, facts, now: now() })];
    },
    check: async (answer, context) => (context.method === 'GET' ? await check(answer, context, now()) : []),
  };
}

/** Of problem documents the type is promised; the rest is for people, or different each time. */
function compareProblems(old: ComparedAnswer, fresh: ComparedAnswer, rules: CompareRules): Difference[] {
  return compareJson({ old: typeOf(old), new: typeOf(fresh) }, 'body.type', rules);
}

function typeOf({ body }: ComparedAnswer): unknown {
  return typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
}

type Known = { rules: CompareRules; facts: ExerciseFacts; now: number };

function compareWorkouts(old: ComparedAnswer, fresh: ComparedAnswer, { rules, facts, now }: Known): Difference[] {
  const workouts = {
    old: workoutOfTheDaySchema.safeParse(old.body),
    new: workoutOfTheDaySchema.safeParse(fresh.body),
  };
  if (workouts.old.success && workouts.new.success)
    return facts.compare({ old: workouts.old.data.exercises, new: workouts.new.data.exercises }, now);
  return contractDifferences(faults(workouts.old), faults(workouts.new)).filter(
    ({ field }) => !isIgnored(field, rules),
  );
}

type Parsed = ReturnType<typeof workoutOfTheDaySchema.safeParse>;

/** What the contract's schema says against a body, by field; the first of each. */
function faults({ error }: Parsed): ReadonlyMap<string, string> {
  const byField = new Map<string, string>();
  for (const { path, message } of error?.issues ?? []) {
    const field = `body${path.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`)).join('')}`;
    if (!byField.has(field)) byField.set(field, message);
  }
  return byField;
}

function contractDifferences(old: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): Difference[] {
  const said = (all: ReadonlyMap<string, string>, field: string) => all.get(field) ?? 'as the contract says';
  return [...new Set([...old.keys(), ...fresh.keys()])].map((field) => ({
    field,
    old: said(old, field),
    new: said(fresh, field),
  }));
}

async function check({ status, body }: ComparedAnswer, context: CheckContext, now: number): Promise<Violation[]> {
  if (status !== 200) return [{ rule: 'status 200', found: String(status) }];
  const count = countOf(body);
  if (count !== undefined && count !== WORKOUT_SIZE) return [{ rule: 'six exercises', found: String(count) }];
  const workout = workoutOfTheDaySchema.safeParse(body);
  if (!workout.success) return [{ rule: 'as the contract says', found: [...faults(workout)][0]?.join(': ') ?? '' }];
  const instant = Date.parse(workout.data.generated_at);
  const isPlausible = Math.abs(instant - now) <= PLAUSIBLE_MS;
  return [
    ...twice(workout.data),
    ...(isPlausible
      ? await fromYesterday(workout.data, new Date(instant), context)
      : [{ rule: 'made just now', found: workout.data.generated_at }]),
  ];
}

function countOf(body: unknown): number | undefined {
  const exercises = typeof body === 'object' && body !== null && 'exercises' in body ? body.exercises : undefined;
  return Array.isArray(exercises) ? exercises.length : undefined;
}

function twice({ exercises }: WorkoutOfTheDay): Violation[] {
  const ids = exercises.map(({ id }) => id);
  return new Set(ids).size === ids.length ? [] : [{ rule: 'no exercise twice', found: ids.join(', ') }];
}

/** What cannot be known is left unchecked: without a history, and within half a minute after midnight. */
async function fromYesterday(
  { exercises }: WorkoutOfTheDay,
  madeAt: Date,
  { claims, fetchFromOld }: CheckContext,
): Promise<Violation[]> {
  const zone = parseTimeZone(claims?.['zoneinfo']) ?? DEFAULT_TIME_ZONE;
  const drawnAt = new Date(madeAt.getTime() - MIDNIGHT_MS);
  if (dateIn(zone, madeAt) !== dateIn(zone, drawnAt)) return [];
  const date = yesterdayIn(zone, madeAt);
  const history = historySchema.safeParse(await fetchFromOld(`/fitness/history?date=${date}`));
  if (!history.success || history.data.date !== date) return [];
  const done = new Set(history.data.exercise_ids);
  const again = exercises.map(({ id }) => id).filter((id) => done.has(id));
  return again.length === 0 ? [] : [{ rule: 'none from yesterday', found: again.join(', ') }];
}
