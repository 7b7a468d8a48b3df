import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { createLogger } from '@fit/service-kit/logger';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { WebSocket } from 'ws';
import { describeOnBothDatabases } from './support/databases.ts';
import { newPerson, useMonolith } from './support/monolith.ts';

const METRICS_TOKEN = 'scrape-token-of-a-test';

await describeOnBothDatabases('what the monolith tells of itself', (kind) => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('legacy-monolith', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const nearMisses = [{ variable: 'SEED_DEM', meant: 'SEED_DEMO' }];
  const monolith = useMonolith(kind, { metricsToken: METRICS_TOKEN, revision: 'abc', nearMisses }, { logger });

  const metrics = async () =>
    (await monolith().client(METRICS_TOKEN).get('/metrics')).text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  const seriesOf = async (name: string) => (await metrics()).filter((line) => line.startsWith(`${name}{`));
  const lineOf = async (requestId: string) => {
    for (;;) {
      const found = lines.find((line) => line['requestId'] === requestId && line['msg'] === 'request');
      if (found) return found;
      await setImmediate();
    }
  };

  test('its metrics are for whoever knows the token', async () => {
    expect((await monolith().client().get('/metrics')).status).toBe(401);
    expect(await seriesOf('fit_build_info')).toEqual([expect.stringContaining('revision="abc"')]);
  });

  test('statements are timed, by what came of them', async () => {
    await newPerson(monolith());
    const counts = async (outcome: string) => {
      const series = await seriesOf('legacy_db_query_duration_seconds_count');
      return Number(series.find((line) => line.includes(`outcome="${outcome}"`))?.split(' ')[1] ?? 0);
    };
    expect(await counts('ok')).toBeGreaterThan(5);
    expect(await counts('error')).toBe(0);
    await expect(sql`select 1 / 0`.execute(monolith().db)).rejects.toThrow();
    expect(await counts('error')).toBe(1);
  });

  test('connections are shown where there is a pool of them', async () => {
    const connections = [
      ...(await seriesOf('legacy_db_connections')),
      ...(await seriesOf('legacy_db_connections_limit')),
    ];
    const states = connections.map((line) => /state="(\w+)"/.exec(line)?.[1] ?? line.split(' ')[1]);
    expect(states).toEqual(kind.name === 'PostgreSQL' ? ['used', 'idle', 'waiting', '20'] : []);
  });

  test('an upgrade is a request like others: one line and one count, at its handshake', async () => {
    const { token } = await newPerson(monolith());
    const connect = (path: string, requestId: string, bearer: string) =>
      new WebSocket(`${monolith().url.replace('http', 'ws')}${path}`, {
        headers: { authorization: `Bearer ${bearer}`, 'x-request-id': requestId },
      });
    const live = connect('/fitness/live?x=hidden', 'live-1', token);
    await once(live, 'open');
    live.close();
    for (const [path, requestId] of [
      ['/fitness/live', 'live-2'],
      ['/somewhere/hidden', 'live-3'],
    ] as const) {
      await once(connect(path, requestId, 'hidden.hidden.hidden'), 'error');
    }
    expect(await lineOf('live-1')).toMatchObject({ method: 'GET', route: '/fitness/live', status: 101 });
    expect(await lineOf('live-2')).toMatchObject({ route: '/fitness/live', status: 401 });
    expect(await lineOf('live-3')).toMatchObject({ route: 'unmatched', status: 404 });
    const upgrades = (await seriesOf('http_request_duration_seconds_count')).filter((line) => line.includes('101'));
    expect(upgrades).toEqual([expect.stringMatching(/method="GET",route="\/fitness\/live",status="101"\} 1$/)]);
  });

  test('a variable that is one slip away from one of ours is named once', () => {
    expect(lines.filter(({ variables }) => variables)).toEqual([
      expect.objectContaining({ level: 'warn', variables: nearMisses }),
    ]);
  });

  test('nothing that it logged opens anything or names anybody', () => {
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(JSON.stringify(lines)).not.toMatch(/hidden|eyJ|@fit\.example|correct-horse/);
  });
});
