import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { loggedWorkoutSchema } from '@fit/contracts/history';
import type { LoggedWorkout } from '@fit/contracts/history';
import { problemSchema } from '@fit/contracts/problem';
import { BAD_TOKENS } from '@fit/test-kit/tokens';
import { sql } from 'kysely';
import { WebSocket } from 'ws';
import { startMonolith } from '../src/app.ts';
import { describeOnBothDatabases, describeOnPostgres, pglite } from './support/databases.ts';
import { Client, TEST_CONFIG, forgerOf, newPerson, silent, useMonolith } from './support/monolith.ts';

const bench = { exercise_id: 1, sets: 3, reps: 8, weight: 42.5 };

/** An open connection; `next` resolves with the next message, `closed` with the close code. */
async function openLive(url: string, token: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/fitness/live`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  const next = async () => JSON.parse(String((await once(socket, 'message'))[0])) as unknown;
  return { socket, closed, next };
}

/** What a server answers to a WebSocket upgrade with these header lines. */
async function upgrade(url: string, path: string, lines: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const handshake = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
  ];
  socket.write([`GET ${path} HTTP/1.1`, 'Host: fit', ...handshake, ...lines, '', ''].join('\r\n'));
  return await text(socket);
}

await describeOnBothDatabases('live updates', (kind) => {
  const monolith = useMonolith(kind);

  test("a person gets each new workout of one's own, and nobody else's", async () => {
    const [one, other] = [await newPerson(monolith()), await newPerson(monolith())];
    const live = await openLive(monolith().url, one.token);
    const message = live.next();
    await other.client.post('/fitness/workouts', { exercises: [{ ...bench, reps: 99 }] });
    const { body } = await one.client.post('/fitness/workouts', { exercises: [bench] });
    expect(loggedWorkoutSchema.parse(await message)).toEqual(body);
    live.socket.close();
  });

  test('a repeated key and a refused workout announce nothing', async () => {
    const { client, token } = await newPerson(monolith());
    const live = await openLive(monolith().url, token);
    const messages: LoggedWorkout[] = [];
    const last = new Promise<void>((resolve) => {
      live.socket.on('message', (data: Buffer) => {
        messages.push(loggedWorkoutSchema.parse(JSON.parse(data.toString())));
        if (messages.at(-1)?.exercises[0]?.reps === 2) resolve();
      });
    });
    const key = { 'idempotency-key': 'once' };
    await client.post('/fitness/workouts', { exercises: [bench] }, key);
    await client.post('/fitness/workouts', { exercises: [bench] }, key);
    await client.post('/fitness/workouts', { exercises: [bench, { exercise_id: 99_999, reps: 1 }] });
    await client.post('/fitness/workouts', { exercises: [{ ...bench, reps: 2 }] });
    await last;
    expect(messages).toHaveLength(2);
    live.socket.close();
  });

  test('fifty exercises with the longest numbers fit into an announcement', async () => {
    const { client, token } = await newPerson(monolith());
    const live = await openLive(monolith().url, token);
    const message = live.next();
    const longest = { exercise_id: 100, sets: 100, reps: 1000, weight: 999.1234567890123 };
    const { status } = await client.post('/fitness/workouts', { exercises: Array.from({ length: 50 }, () => longest) });
    expect(status).toBe(201);
    expect(loggedWorkoutSchema.parse(await message).exercises).toHaveLength(50);
    live.socket.close();
  });
});

await describeOnPostgres('live updates of several monoliths on one PostgreSQL', (kind) => {
  test('a workout that one logs comes in at the other', async () => {
    const { config: database, drop } = await kind.create();
    const start = () => startMonolith({ ...TEST_CONFIG, database }, { logger: silent });
    // Two that start at once: both migrate, seed and want a first key.
    const [first, second] = await Promise.all([start(), start()]);
    try {
      expect(second.keys.signer().kid).toBe(first.keys.signer().kid);
      const { client, token } = await newPerson({ ...first, client: (held) => new Client(first.url, held) });
      const live = await openLive(second.url, token);
      const message = live.next();
      const { body } = await client.post('/fitness/workouts', { exercises: [bench] });
      expect(await message).toEqual(body);
    } finally {
      await Promise.all([first.close(), second.close()]);
      await drop();
    }
  });
});

await describeOnPostgres('live updates on PostgreSQL', (kind) => {
  const monolith = useMonolith(kind);

  test('come again after their connection was lost', async () => {
    const { db } = monolith();
    const listeners = async () =>
      (
        await sql<{ pid: number }>`
          select pid from pg_stat_activity
          where datname = current_database() and application_name = 'legacy-monolith-live'
            and query like 'listen%' and state = 'idle'`.execute(db)
      ).rows.map(({ pid }) => pid);
    const [lost] = await listeners();
    await sql`select pg_terminate_backend(${lost})`.execute(db);
    let found: number[];
    do found = await listeners();
    while (found.length === 0 || found.includes(lost!));

    const { client, token } = await newPerson(monolith());
    const live = await openLive(monolith().url, token);
    const message = live.next();
    const { body } = await client.post('/fitness/workouts', { exercises: [bench] });
    expect(await message).toEqual(body);
    live.socket.close();
  });
});

describe('the door to live updates', () => {
  const monolith = useMonolith(pglite);

  test.each(BAD_TOKENS)('$name is refused with 401', async ({ authorization }) => {
    const lines = authorization(forgerOf(monolith())).map((value) => `Authorization: ${value}`);
    const answer = await upgrade(monolith().url, '/fitness/live', lines);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(head).toMatch(/^www-authenticate: Bearer realm="fit"/m);
    expect(head).toMatch(/^x-served-by: legacy\r?$/m);
    expect(head).toMatch(/^connection: close\r?$/m);
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ type: 'unauthorized', instance: '/fitness/live' });
  });

  test('an upgrade at another path is 404', async () => {
    const answer = await upgrade(monolith().url, '/exercises?x=1', []);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('"instance":"/exercises"');
  });

  test('a plain GET is told to upgrade', async () => {
    const response = await fetch(`${monolith().url}/fitness/live`);
    expect({ status: response.status, upgrade: response.headers.get('upgrade') }).toEqual({
      status: 426,
      upgrade: 'websocket',
    });
  });

  test('an upgrade to another protocol is an ordinary request', async () => {
    const { token } = await newPerson(monolith());
    const { hostname, port } = new URL(monolith().url);
    const socket = connect(Number(port), hostname);
    const lines = [
      'GET /muscle-groups HTTP/1.1',
      'Host: fit',
      'Connection: Upgrade, close',
      'Upgrade: h2c',
      `Authorization: Bearer ${token}`,
    ];
    socket.write([...lines, '', ''].join('\r\n'));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('a connection ends with its token', async () => {
    const { id } = await newPerson(monolith());
    // Expired, but within the clock tolerance: it is let in, and ends at once.
    const token = forgerOf(monolith()).issue({ sub: id, exp: Math.floor(Date.now() / 1000) - 1 });
    const live = await openLive(monolith().url, token);
    expect(await live.closed).toBe(4401);
  });

  test('a message that is too large ends the connection', async () => {
    const live = await openLive(monolith().url, (await newPerson(monolith())).token);
    live.socket.send('x'.repeat(2000));
    expect(await live.closed).toBe(1009);
  });

  test('the seventeenth connection of a person is refused', async () => {
    const { token } = await newPerson(monolith());
    const open = await Promise.all(Array.from({ length: 16 }, () => openLive(monolith().url, token)));
    const answer = await upgrade(monolith().url, '/fitness/live', [`Authorization: Bearer ${token}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 429 /);
    for (const { socket } of open) socket.close();
    await Promise.all(open.map(({ closed }) => closed));
  });

  test('a monolith that ends says so', async () => {
    const { config: database, drop } = await pglite.create();
    const ending = await startMonolith({ ...TEST_CONFIG, database }, { logger: silent });
    const { token } = await newPerson({ ...ending, client: (held) => new Client(ending.url, held) });
    const live = await openLive(ending.url, token);
    await Promise.all([ending.close(), expect(live.closed).resolves.toBe(1001)]);
    await drop();
  });
});
