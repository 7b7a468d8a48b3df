import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
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

  test("a retired route is 503, whatever the method; all else is the monolith's, as that route is until it is retired", async () => {
    await using monolith = await startRecorder(as('legacy'));
    const gone = [await startRecorder(as('edge-1')), await startRecorder(as('edge-2'))];
    for (const edge of gone) await edge.refuse();
    const edges = gone.map(({ url }) => new URL(url).host);
    const plan = wodPlan(100, { legacy: monolith.url, coach: monolith.url });
    const routes = plan.routes.map((route) => ({ ...route, retired: true }));
    await using front = await startNginxUnderTest('edge', { ...plan, routes }, { edges });
    await using frontBefore = await startNginxUnderTest('edge', plan, { edges });
    const ask = async (url: string, method: 'GET' | 'POST' | 'PUT' = 'GET') => {
      const { statusCode, headers, body } = await request(url, { method });
      return { status: statusCode, headers, text: await body.text() };
    };

    for (const method of ['GET', 'POST', 'PUT'] as const) {
      for (const path of ['/fitness/wod', '/fitness/wod?date=x']) {
        const { status, headers, text } = await ask(front.url + path, method);
        expect({ status, retry: headers['retry-after'] }).toEqual({ status: 503, retry: '1' });
        expect(headers['content-type']).toBe('application/problem+json');
        expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ status: 503, instance: '/fitness/wod' });
      }
    }
    expect(monolith.requests).toEqual([]);
    for (const path of ['/', '/fitness/wod/', '/fitness/Wod', '/fitness/wo', '/exercises?p=/fitness/wod']) {
      expect((await ask(front.url + path)).headers).toMatchObject({ 'x-served-by': 'legacy' });
    }
    expect((await ask(`${front.url}/.nginx/unanswered`)).status).toBe(404);
    expect((await ask(`${frontBefore.url}/fitness/wod`)).headers).toMatchObject({ 'x-served-by': 'legacy' });
  });

  test('an edge that is left answers for a retired route, its own 502 too', async () => {
    await using edge = await startRecorder((_request, res) => sendJson(res, {}, { 'x-served-by': 'edge-1' }, 502));
    const gone = await startRecorder(as('edge-2'));
    await gone.refuse();
    const plan = wodPlan(100, { legacy: 'http://127.0.0.1:1', coach: 'http://127.0.0.1:1' });
    const routes = plan.routes.map((route) => ({ ...route, retired: true }));
    const edges = [gone, edge].map(({ url }) => new URL(url).host);
    await using front = await startNginxUnderTest('edge', { ...plan, routes }, { edges });
    for (let asked = 0; asked < 4; asked++) {
      const { statusCode, headers, body } = await request(`${front.url}/fitness/wod`);
      await body.dump();
      expect([statusCode, headers['x-served-by']]).toEqual([502, 'edge-1']);
    }
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
