import { describe, expect, test } from '@jest/globals';
import { listen } from '@fit/service-kit/http-server';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import { AdminClient } from './admin-client.ts';
import { EXIT } from './exit-code.ts';
import { TOKEN, edgectl } from './test/edgectl-in-test.ts';

const rollBackAt = async (url: string) =>
  await edgectl(['rollback', 'wod', '--reason', 'x', '--url', url], { env: { EDGE_ADMIN_TOKEN: TOKEN } });

describe('an edge that cannot be reached is 5', () => {
  test('nobody listens', async () => {
    const { url, close } = await listen(() => undefined, { host: '127.0.0.1', port: 0 });
    await close();
    const { code, err } = await rollBackAt(url);
    expect({ code, err }).toEqual({ code: EXIT.unreachable, err: `edgectl: ${url} cannot be reached: ECONNREFUSED\n` });
  });

  test('something else listens', async () => {
    await using other = await startRecorder((_request, res) => sendJson(res, { hello: 'world' }));
    const { code, err } = await rollBackAt(other.url);
    expect(code).toBe(EXIT.unreachable);
    expect(err).toBe(
      `edgectl: ${other.url} answers (200), but not as the admin API of an edge does; the change may be in force: ` +
        `look with edgectl status. Is it the edge's admin listener? ` +
        '--url or EDGE_ADMIN_URL must lead to its ADMIN_PORT, not to where users come in\n',
    );
  });

  test.each([
    ['a server behind the public listener', 'legacy-monolith', 404, 'legacy-monolith answers at URL (404), but not as'],
    ['a gateway that got no answer', undefined, 504, 'URL answers (504), but not as'],
  ])('%s', async (_, service, status, message) => {
    const problem = {
      type: 'x',
      title: 'X',
      detail: 'x',
      instance: '/',
      correlation_id: '1',
      timestamp: '2026-03-01T03:00:00Z',
    };
    await using other = await startRecorder((_request, res) =>
      sendJson(res, service ? { ...problem, status, service } : 'Gateway', {}, status),
    );
    const { code, err } = await rollBackAt(other.url);
    expect(code).toBe(EXIT.unreachable);
    expect(err.replace(other.url, 'URL')).toContain(`edgectl: ${message}`);
    expect(err).toContain('EDGE_ADMIN_URL must lead to its ADMIN_PORT');
    expect(err.includes('; the change may be in force: look with edgectl status')).toBe(status >= 500);
  });

  test('no answer in time leaves it open whether the change is in force', async () => {
    await using mute = await startRecorder(() => undefined);
    const client = new AdminClient({ url: mute.url, token: TOKEN, timeoutMs: 20 });
    await expect(client.order('wod', 'rollback', { reason: 'x' })).rejects.toMatchObject({
      code: EXIT.unreachable,
      message: `${mute.url} cannot be reached: no answer within 20 ms; the change may be in force: look with edgectl status`,
    });
  });
});
