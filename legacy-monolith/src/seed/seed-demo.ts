import { dayBounds, yesterdayIn } from '@fit/contracts/calendar';
import type { CalendarDate } from '@fit/contracts/calendar';
import { ROLES } from '@fit/contracts/auth';
import type { Role } from '@fit/contracts/auth';
import { findAccount, grantRole, insertAccount } from '../auth/account-store.ts';
import type { PasswordHasher } from '../auth/password-hasher.ts';
import type { Database } from '../db/schema.ts';
import { exercisesOn, insertWorkout } from '../fitness/workout-store.ts';

export const DEMO_USER = 'demo@fit.example';
export const DEMO_OPERATOR = 'operator@fit.example';

const ZONE = 'Europe/Berlin';
/** Days before yesterday on which the demo user trained: four weeks, four times each. */
const TRAINING_DAYS_AGO = [2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20, 21, 23, 25, 27, 28];
const EXERCISES_A_DAY = 5;
const TRAINING_HOUR = 18;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Where the people of a load test live: whole, half and quarter hours from UTC, with and without summer time. */
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo'];

export type DemoOptions = { db: Database; hasher: PasswordHasher; password: string; people: number; now: Date };

/**
 * Accounts to try the system with: a person with some weeks of history, an operator with every role, and so many people
 * without history as a load test asks for. Each start sets their password again and makes sure that the person trained
 * yesterday; nothing is doubled.
 */
export async function seedDemo(options: DemoOptions): Promise<void> {
  const user = await ensureAccount(options, DEMO_USER, []);
  await ensureAccount(options, DEMO_OPERATOR, ROLES);
  await ensureHistory(options, user);
  if (options.people > 0) await ensurePeople(options);
}

/** `person-0001@fit.example` and on: one statement and one hash for all of them, for a hash takes tens of milliseconds. */
async function ensurePeople({ db, hasher, password, people }: DemoOptions): Promise<void> {
  const passwordHash = await hasher.hash(password);
  const accounts = Array.from({ length: people }, (_, index) => ({
    email: `person-${String(index + 1).padStart(4, '0')}@fit.example`,
    password_hash: passwordHash,
    zoneinfo: ZONES[index % ZONES.length] ?? ZONE,
  }));
  await db
    .insertInto('users')
    .values(accounts)
    .onConflict((conflict) =>
      conflict.column('email').doUpdateSet((row) => ({ password_hash: row.ref('excluded.password_hash') })),
    )
    .execute();
}

type EnsuredAccount = { id: string; isNew: boolean };

async function ensureAccount(options: DemoOptions, email: string, roles: readonly Role[]): Promise<EnsuredAccount> {
  const { db } = options;
  const passwordHash = await options.hasher.hash(options.password);
  const newId = await insertAccount(db, { email, passwordHash, zoneinfo: ZONE });
  const id = newId ?? (await findAccount(db, email))!.id;
  if (newId === undefined) {
    await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', id).execute();
  }
  for (const role of roles) await grantRole(db, id, role);
  return { id, isNew: newId !== undefined };
}

async function ensureHistory({ db, now }: DemoOptions, { id, isNew }: EnsuredAccount): Promise<void> {
  const yesterday = yesterdayIn(ZONE, now);
  const days = isNew ? [1, ...TRAINING_DAYS_AGO] : [1];
  const exercises = await db
    .selectFrom('exercises')
    .select(['id', 'base_weight_kg', 'base_reps'])
    .orderBy('id')
    .execute();
  if (exercises.length === 0) return;
  await db.transaction().execute(async (trx) => {
    // Two processes that start at once take turns here.
    await trx.selectFrom('users').select('id').where('id', '=', id).forUpdate().execute();
    for (const daysAgo of days) {
      const date = daysBefore(yesterday, daysAgo - 1);
      if ((await exercisesOn(trx, id, { date, timeZone: ZONE })).length > 0) continue;
      const start = dayBounds(date, ZONE).from.getTime();
      await insertWorkout(trx, {
        userId: id,
        performedAt: new Date(start + TRAINING_HOUR * HOUR_MS),
        exercises: sessionOf(date, exercises),
      });
    }
  });
}

/** What is trained on a day follows from the day, so that a demo looks the same wherever it is made. */
function sessionOf(date: CalendarDate, exercises: { id: number; base_weight_kg: number; base_reps: number }[]) {
  const dayNumber = Date.parse(date) / DAY_MS;
  const stride = Math.max(1, Math.floor(exercises.length / EXERCISES_A_DAY));
  return Array.from({ length: Math.min(EXERCISES_A_DAY, exercises.length) }, (_, index) => {
    const exercise = exercises[(dayNumber * 7 + index * stride) % exercises.length]!;
    return { exercise_id: exercise.id, sets: 3, reps: exercise.base_reps, weight: exercise.base_weight_kg };
  });
}

function daysBefore(date: CalendarDate, days: number): CalendarDate {
  return new Date(Date.parse(date) - days * DAY_MS).toISOString().slice(0, 10);
}
