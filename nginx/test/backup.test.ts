import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { request } from 'undici';
import { nginx } from './nginx-component.ts';
import { startNginxUnderTest, wodPlan } from './nginx-under-test.ts';

const as =
  (name: string): Behaviour =>
  (_request, res) =>
    sendJson(res, {}, { 'x-served-by': name });

await describeWith(nginx, 'when no edge is left', () => {
  test('not one request to read fails, however often the edges are tried again', async () => {
    await using monolith = await startRecorder(as('legacy'));
    const gone = [await startRecorder(as('edge-1')), await startRecorder(as('edge-2'))];
    for (const edge of gone) await edge.refuse();
    const plan = wodPlan(50, { legacy: monolith.url, coach: 'http://127.0.0.1:1' });
    const edges = gone.map(({ url }) => new URL(url).host);
    await using front = await startNginxUnderTest('edge', plan, { edges });
    const statuses = new Set<number>();
    // An edge is tried again after a second.
    for (const until = performance.now() + 2500; performance.now() < until;) {
      const { statusCode, body } = await request(`${front.url}/fitness/wod`);
      await body.dump();
      statuses.add(statusCode);
    }
    expect(statuses).toEqual(new Set([200]));
  });

  test('the monolith answers, except for internal paths; when an edge is back it answers again', async () => {
    await using monolith = await startRecorder(as('legacy'));
    await using edge = await startRecorder(as('edge-1'));
    await edge.refuse();
    const plan = wodPlan(50, { legacy: monolith.url, coach: 'http://127.0.0.1:1' });
    await using front = await startNginxUnderTest('edge', plan, { edges: [new URL(edge.url).host] });
    const servedBy = async () => {
      const { headers, body } = await request(`${front.url}/fitness/wod`);
      await body.dump();
      return headers['x-served-by'];
    };
    expect(await servedBy()).toBe('legacy');
    const internal = await request(`${front.url}/metrics`);
    await internal.body.dump();
    expect(internal.statusCode).toBe(404);
    await edge.listenAgain();
    while ((await servedBy()) !== 'edge-1') await delay(50);
  });
});
