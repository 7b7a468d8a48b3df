import { expect, test } from '@jest/globals';
import { yesterdayIn } from '@fit/contracts/calendar';
import { startMonolith } from '../src/app.ts';
import { findAccount } from '../src/auth/account-store.ts';
import { openDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { exercisesOn } from '../src/fitness/workout-store.ts';
import { DEMO_OPERATOR, DEMO_USER } from '../src/seed/seed-demo.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { TEST_CONFIG, silent } from './support/monolith.ts';

const ZONE = 'Europe/Berlin';

await describeOnBothDatabases('a start', (kind) => {
  test('migrates an empty database once', async () => {
    const { config, drop } = await kind.create();
    const { db, close } = await openDatabase(config, { logger: silent });
    expect(await migrate(db)).toEqual(['0001-accounts', '0002-catalogue', '0003-workouts']);
    expect(await migrate(db)).toEqual([]);
    await close();
    await drop();
  });

  test('makes the demo once, keeps it, and sees to it that the person trained yesterday, each day', async () => {
    const { config: database, drop } = await kind.create();
    const startOn = async (day: string) => {
      const now = new Date(`${day}T10:00:00Z`);
      const config = { ...TEST_CONFIG, database, demo: { password: 'demo-password', people: 0 } };
      const monolith = await startMonolith(config, { logger: silent, now: () => now });
      const { db } = monolith;
      const user = (await findAccount(db, DEMO_USER))!;
      const workouts = await db.selectFrom('workouts').select('id').where('user_id', '=', user.id).execute();
      const trained = await exercisesOn(db, user.id, { date: yesterdayIn(ZONE, now), timeZone: ZONE });
      const operator = await findAccount(db, DEMO_OPERATOR);
      await monolith.close();
      return { user, operator, workouts: workouts.length, trained: trained.length };
    };
    const first = await startOn('2026-03-29');
    expect(first.user).toMatchObject({ zoneinfo: ZONE, roles: [] });
    expect(first.operator?.roles.toSorted()).toEqual(['admin', 'operator', 'tester', 'viewer']);
    expect(first).toMatchObject({ workouts: 17, trained: 5 });
    expect(await startOn('2026-03-29')).toMatchObject({ workouts: 17, trained: 5 });
    expect(await startOn('2026-03-30')).toMatchObject({ workouts: 18, trained: 5 });
    await drop();
  });

  test('makes people for a load test, in several time zones, and sets their password again', async () => {
    const { config: database, drop } = await kind.create();
    const startWith = async (people: number, password: string) => {
      const config = { ...TEST_CONFIG, database, demo: { password, people } };
      const monolith = await startMonolith(config, { logger: silent });
      const found = await monolith.db
        .selectFrom('users')
        .select(['id', 'email', 'zoneinfo'])
        .where('email', 'like', 'person-%')
        .orderBy('email')
        .execute();
      const logIn = async (email: string) =>
        await fetch(`${monolith.url}/auth/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email, password }),
        }).then((answer) => answer.status);
      const statuses = [await logIn('person-0001@fit.example'), await logIn('person-0012@fit.example')];
      await monolith.close();
      return { found, statuses };
    };
    const first = await startWith(12, 'demo-password');
    expect(first.found.map(({ email }) => email)).toEqual(
      Array.from({ length: 12 }, (_, index) => `person-${String(index + 1).padStart(4, '0')}@fit.example`),
    );
    expect(new Set(first.found.map(({ zoneinfo }) => zoneinfo)).size).toBe(6);
    expect(first.statuses).toEqual([200, 200]);
    const second = await startWith(13, 'another-password');
    expect(second.found.slice(0, 12)).toEqual(first.found);
    expect(second).toMatchObject({ found: { length: 13 }, statuses: [200, 200] });
    await drop();
  });
});
