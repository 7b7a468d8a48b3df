import { expect, test } from '@jest/globals';
import { exerciseSchema } from '@fit/contracts/catalogue';
import { ImportConflictError, importExercises } from '../src/import/import-exercises.ts';
import { parsePublished } from '../src/import/published-exercise.ts';
import { published } from '../src/import/published-exercise.fixture.ts';
import { toExercise } from '../src/import/to-exercise.ts';
import { readSeedCatalogue, seedCatalogue } from '../src/seed/seed-catalogue.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { newPerson, useMonolith } from './support/monolith.ts';

await describeOnBothDatabases('importing exercises', (kind) => {
  const monolith = useMonolith(kind);
  const run = async (records: unknown[]) => {
    const parsed = parsePublished(records);
    if (parsed.kind === 'bad') throw new Error(parsed.problems.join());
    return await importExercises(monolith().db, parsed.records.map(toExercise));
  };
  const size = async () => (await monolith().db.selectFrom('exercises').select('id').execute()).length;
  const named = async (name: string) =>
    await monolith().db.selectFrom('exercises').selectAll().where('name', '=', name).executeTakeFirst();

  test('a file of 873 is added, then unchanged, then updated where it changed; a running monolith serves it', async () => {
    const { client } = await newPerson(monolith());
    const before = await client.get('/exercises');
    const file = Array.from({ length: 873 }, (_, index) => published(index));
    const progress: number[] = [];
    const records = file.map((record) => toExercise(record));
    const first = await importExercises(monolith().db, records, (done, total) => progress.push(done / total));
    expect(first).toEqual({ added: 873, updated: 0, unchanged: 0 });
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);

    const after = await client.get('/exercises');
    expect(after.body.exercises).toHaveLength(before.body.exercises.length + 873);
    expect(exerciseSchema.parse(after.body.exercises.at(-1)).muscle_groups).toHaveLength(2);

    expect(await run(file)).toEqual({ added: 0, updated: 0, unchanged: 873 });
    expect((await client.get('/exercises')).headers.get('etag')).toBe(after.headers.get('etag'));

    const changed = file.with(5, published(5, { secondaryMuscles: [] })).with(6, published(6, { name: 'Renamed' }));
    expect(await run(changed)).toEqual({ added: 0, updated: 2, unchanged: 871 });
    expect((await client.get('/exercises')).headers.get('etag')).not.toBe(after.headers.get('etag'));
  });

  test('a name that the catalogue has adopts that row, and stays adopted', async () => {
    const own = readSeedCatalogue()[0]!;
    const row = await named(own.name);
    const record = published(2000, { id: 'Own', name: own.name.toUpperCase() });
    expect(await run([record])).toEqual({ added: 0, updated: 1, unchanged: 0 });
    expect(await named(record.name)).toMatchObject({ id: row!.id, slug: row!.slug, source_id: 'Own' });
    expect(await run([record])).toEqual({ added: 0, updated: 0, unchanged: 1 });
    const count = await size();
    expect(await seedCatalogue(monolith().db, readSeedCatalogue())).toBe(0);
    expect(await size()).toBe(count);
    expect(await named(record.name)).toMatchObject({ description: 'Lift. Lower.' });
  });

  test('names that make the same slug get slugs of their own', async () => {
    await run([published(3001, { name: 'Side Bend' }), published(3002, { name: 'Side-Bend' })]);
    const slugs = [(await named('Side Bend'))!.slug, (await named('Side-Bend'))!.slug];
    expect(new Set(slugs).size).toBe(2);
  });

  test('a record that takes the name of another one is refused, and nothing of the file is written', async () => {
    await run([published(4001), published(4002)]);
    const count = await size();
    const attempt = run([published(4003), published(4001, { name: 'Exercise 4002' })]);
    await expect(attempt).rejects.toThrow(ImportConflictError);
    await expect(attempt).rejects.toMatchObject({ problems: [expect.stringMatching(/^\[1\] name: "Exercise 4002"/)] });
    expect(await size()).toBe(count);
  });

  test('a failure in the middle leaves nothing behind', async () => {
    const count = await size();
    const broken = { ...toExercise(published(5002)), difficulty: 9 };
    await expect(importExercises(monolith().db, [toExercise(published(5001)), broken])).rejects.toThrow();
    expect(await size()).toBe(count);
  });
});
