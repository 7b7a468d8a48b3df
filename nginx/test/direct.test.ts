import { expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import { request } from 'undici';
import { nginxWithNjs } from './nginx-component.ts';
import { startNginxUnderTest, wodPlan } from './nginx-under-test.ts';

await describeWith(nginxWithNjs, 'topology direct', () => {
  test('drops what only an edge may hear or say, and answers with the request id', async () => {
    await using coach = await startRecorder((_request, res) => {
      sendJson(
        res,
        {},
        { 'x-served-by': 'coach', 'x-failed-dependency': 'legacy-monolith', 'x-request-id': 'another' },
      );
    });
    await using front = await startNginxUnderTest('direct', wodPlan(100, { legacy: coach.url, coach: coach.url }));
    const asked = {
      'x-request-id': 'mine',
      'x-edge-prefer': 'legacy',
      'x-edge-mirror': '1',
      'x-forwarded-for': '192.0.2.1',
    };
    const { headers, body } = await request(`${front.url}/fitness/wod`, { headers: asked });
    await body.dump();
    expect(headers).toMatchObject({ 'x-served-by': 'coach', 'x-request-id': 'mine' });
    expect(headers).not.toHaveProperty('x-failed-dependency');
    const [seen] = coach.requests;
    expect(seen!.headers).toMatchObject({ 'x-request-id': 'mine', 'x-forwarded-for': '127.0.0.1' });
    for (const name of ['x-edge-prefer', 'x-edge-mirror']) expect(seen!.headers).not.toHaveProperty(name);
  });
});
