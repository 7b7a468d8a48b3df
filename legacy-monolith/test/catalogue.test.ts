import { expect, test } from '@jest/globals';
import { catalogueSchema, exerciseSchema } from '@fit/contracts/catalogue';
import { muscleGroupListSchema } from '@fit/contracts/muscle-groups';
import { importExercises } from '../src/import/import-exercises.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { newPerson, smallCatalogue, useMonolith } from './support/monolith.ts';

await describeOnBothDatabases('the catalogue', (kind) => {
  const monolith = useMonolith(kind);
  const person = async () => (await newPerson(monolith())).client;

  test('is whole, ascending by id, and kept by the client', async () => {
    const { status, headers, body } = await (await person()).get('/exercises');
    expect(status).toBe(200);
    expect(headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    expect(headers.get('cache-control')).toBe('private, max-age=60');
    expect(headers.get('x-served-by')).toBe('legacy');
    const { exercises } = catalogueSchema.parse(body);
    expect(exercises.length).toBeGreaterThanOrEqual(120);
    expect(exercises.map(({ id }) => id)).toEqual(exercises.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  test('is not sent again to who has it', async () => {
    const client = await person();
    const etag = (await client.get('/exercises')).headers.get('etag')!;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await client.get('/exercises', { 'if-none-match': header });
      expect({ status, text, etag: headers.get('etag') }).toEqual({ status: 304, text: '', etag });
    }
    expect((await client.get('/exercises', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('shows one exercise as the list does', async () => {
    const client = await person();
    const { exercises } = (await client.get('/exercises')).body;
    const { status, body } = await client.get(`/exercises/${exercises[9].id}`);
    expect(status).toBe(200);
    expect(exerciseSchema.parse(body)).toEqual(exercises[9]);
  });

  test.each([
    ['999999', 404],
    ['0', 400],
    ['-1', 400],
    ['1.5', 400],
    ['1e3', 400],
    ['007', 400],
    ['2147483648', 400],
    ['99999999999999999999', 400],
    ['one', 400],
    ['%00', 400],
    ['%ff', 400],
    ["1'--", 400],
  ])('exercise %s is %i', async (id, status) => {
    expect((await (await person()).get(`/exercises/${id}`)).status).toBe(status);
  });

  test('lists all seventeen muscle groups', async () => {
    const { body } = await (await person()).get('/muscle-groups');
    expect(muscleGroupListSchema.parse(body).muscle_groups).toHaveLength(17);
  });

  test('a change elsewhere on the same database is served at once, under a new ETag', async () => {
    const client = await person();
    const before = await client.get('/exercises');
    const [exercise] = smallCatalogue(1);
    await importExercises(monolith().db, [{ ...exercise!, source_id: 'new' }]);
    const etag = before.headers.get('etag')!;
    const after = await client.get('/exercises', { 'if-none-match': etag });
    expect(after.status).toBe(200);
    expect(after.headers.get('etag')).not.toBe(etag);
    expect(after.body.exercises).toHaveLength(before.body.exercises.length + 1);
  });

  test.each([
    ['GET', '/nowhere', 404, null],
    ['GET', '/Exercises', 404, null],
    ['DELETE', '/exercises', 405, 'GET, HEAD'],
    ['POST', '/fitness/wod', 405, 'GET, HEAD'],
    ['OPTIONS', '/fitness/wod', 405, 'GET, HEAD'],
    ['GET', '/fitness/workouts', 405, 'POST'],
    ['GET', '/auth/login', 405, 'POST'],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const response = await fetch(monolith().url + path, { method });
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status, allow });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.headers.get('x-served-by')).toBe('legacy');
  });

  test('health, readiness and the OpenAPI document are there', async () => {
    const client = monolith().client();
    expect((await client.get('/health')).body).toMatchObject({ status: 'up', dependencies: { database: 'up' } });
    expect((await client.get('/ready')).status).toBe(200);
    expect((await client.get('/openapi.json')).body.info.title).toBe('Legacy monolith');
  });
});
