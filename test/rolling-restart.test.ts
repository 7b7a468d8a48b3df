import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { NGINX, NGINX_ENV } from '../nginx/src/find-nginx.ts';
import { nginxArguments } from '../nginx/src/nginx-process.ts';
import { nginx } from '../nginx/test/nginx-component.ts';
import { startNginxUnderTest, wodPlan } from '../nginx/test/nginx-under-test.ts';
import type { NginxUnderTest } from '../nginx/test/nginx-under-test.ts';
import { aPlaceForEdge, readinessOf } from './edge-process.ts';
import type { EdgePlace, EdgeProcess } from './edge-process.ts';
import { startLoad } from './steady-load.ts';

const answering: Behaviour = (_request, res) => sendJson(res, { filler: 'x'.repeat(2000) });

await describeWith(nginx, 'three edges behind Nginx, under load', () => {
  let legacy: Recorder;
  let coach: Recorder;
  const places: EdgePlace[] = [];
  const edges: EdgeProcess[] = [];
  let front: NginxUnderTest;
  beforeAll(async () => {
    legacy = await startRecorder(answering);
    coach = await startRecorder(answering);
    for (const id of ['edge-1', 'edge-2', 'edge-3']) {
      places.push(await aPlaceForEdge({ legacy: legacy.url, coach: coach.url, env: { EDGE_ID: id } }));
    }
    edges.push(...(await Promise.all(places.map((place) => place.start()))));
    const plan = wodPlan(100, { legacy: legacy.url, coach: coach.url });
    front = await startNginxUnderTest('edge', plan, { edges: places.map(({ host }) => host) });
  }, 60_000);
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    for (const edge of edges) edge.kill();
    for (const place of places) place.remove();
    await legacy[Symbol.asyncDispose]();
    await coach[Symbol.asyncDispose]();
  });

  test('restarted one after another, then nginx -s reload: not one request fails, and each POST arrives once', async () => {
    await using load = startLoad(front.url, { readers: 8, writers: 8, pauseMs: 30 });
    await load.answered(200);
    for (const [at, place] of places.entries()) {
      edges[at]!.terminate();
      expect(await edges[at]!.ended).toEqual({ code: 0, output: '' });
      edges[at] = await place.start();
      await load.answered(200);
    }
    // A reload closes the kept connections of clients that are idle then. Who meets that asks again, as browsers do.
    load.allowIdleConnectionsToClose();
    for (let reload = 0; reload < 2; reload++) {
      const args = [...nginxArguments(front.folder, 'nginx.conf'), '-s', 'reload'];
      expect(spawnSync(NGINX, args, { env: NGINX_ENV }).status).toBe(0);
      await load.answered(300);
    }
    const { faults, posted } = await load.stop();
    expect(faults).toEqual([]);
    const arrived = legacy.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.toString());
    expect(arrived.toSorted()).toEqual(posted.toSorted());
  }, 120_000);
});

type Stoppable = AsyncDisposable & { legacy: Recorder; coach: Recorder; place: EdgePlace; edge: EdgeProcess };

/** An edge of its own process between two upstreams of its own. */
async function startStoppable(): Promise<Stoppable> {
  await using started = new AsyncDisposableStack();
  const legacy = started.use(await startRecorder(answering));
  const coach = started.use(await startRecorder(answering));
  // Time enough for all that a test does before the listener closes.
  const env = { DRAIN_DELAY_MS: '3000' };
  const place = await aPlaceForEdge({ legacy: legacy.url, coach: coach.url, env });
  started.defer(() => place.remove());
  const edge = await place.start();
  started.defer(() => edge.kill());
  const open = started.move();
  return { legacy, coach, place, edge, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe('an edge that is told to stop', () => {
  const draining = async ({ edge, place }: Stoppable) => {
    edge.terminate();
    while ((await readinessOf(place.url)) === 200);
  };
  const refusing = async ({ place }: Stoppable) => {
    while ((await readinessOf(place.url)) !== 0) await delay(20);
  };

  test.concurrent(
    'says so at /ready, answers what is new, finishes what is under way, and says that it closes',
    async () => {
      await using stoppable = await startStoppable();
      const { coach, place, edge } = stoppable;
      const slow = Promise.withResolvers<void>();
      coach.behave(async (request, res) => {
        if (request.url.endsWith('slow')) await slow.promise;
        await answering(request, res);
      });
      const asked = send(place, 'GET /fitness/wod?slow HTTP/1.1\r\nHost: a\r\n\r\n');
      await coach.arrived('/fitness/wod?slow', 1);
      await draining(stoppable);
      expect(await readinessOf(place.url)).toBe(503);
      const late = await send(place, 'GET /fitness/wod HTTP/1.1\r\nHost: a\r\n\r\n').answer();
      expect(late).toMatchObject({ status: 200, closes: true, isWhole: true });
      await refusing(stoppable);
      slow.resolve();
      expect(await asked.answer()).toMatchObject({ status: 200, closes: true, isWhole: true });
      expect(await edge.ended).toEqual({ code: 0, output: '' });
    },
  );

  test.concurrent('lets a body come to its end, in both directions', async () => {
    await using stoppable = await startStoppable();
    const { legacy, place, edge } = stoppable;
    const rest = Promise.withResolvers<void>();
    legacy.behave(async (request, res) => {
      if (request.method !== 'GET') return answering(request, res);
      res.writeHead(200, { 'content-length': 10 }).write('12345');
      await rest.promise;
      res.end('67890');
    });
    const download = send(place, 'GET /download HTTP/1.1\r\nHost: a\r\n\r\n');
    await download.received('12345');
    const upload = send(place, 'POST /fitness/workouts HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345');
    // The edge has read what was sent before by the time that it has answered this.
    await readinessOf(place.url);
    await draining(stoppable);
    await refusing(stoppable);
    rest.resolve();
    expect(await download.answer()).toMatchObject({ status: 200, isWhole: true });
    upload.socket.write('67890');
    expect(await upload.answer()).toMatchObject({ status: 200, closes: true, isWhole: true });
    expect(legacy.requests.map(({ body }) => body.toString())).toContain('1234567890');
    expect(await edge.ended).toEqual({ code: 0, output: '' });
  });

  test.concurrent(
    'serves a POST on a kept connection, and closes kept ones without an error once it has stopped listening',
    async () => {
      await using stoppable = await startStoppable();
      const { legacy, place, edge } = stoppable;
      const [used, idle] = [await keptConnection(place), await keptConnection(place)];
      const neverUsed = send(place, '');
      await once(neverUsed.socket, 'connect');
      await draining(stoppable);
      used.socket.write('POST /fitness/workouts HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}');
      expect(await used.answer()).toMatchObject({ status: 200, closes: true, isWhole: true });
      expect(legacy.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
      expect([idle.socket.readyState, neverUsed.socket.readyState]).toEqual(['open', 'open']);
      for (const { closed } of [used, idle, neverUsed]) expect(await closed).toBe('end');
      expect(await edge.ended).toEqual({ code: 0, output: '' });
    },
  );

  test.concurrent('is not delayed by being told twice', async () => {
    await using stoppable = await startStoppable();
    const { edge } = stoppable;
    edge.terminate();
    await draining(stoppable);
    expect(await edge.ended).toEqual({ code: 0, output: '' });
  });
});

test('connections that an upstream closes at its idle limit cause no error, not even for a POST', async () => {
  let posts = 0;
  const server = createServer({ keepAliveTimeout: 1000, keepAliveTimeoutBuffer: 0 } as object, (req, res) => {
    if (req.method === 'POST') posts++;
    req.resume().once('end', () => res.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = await aPlaceForEdge({ legacy: url, coach: url });
  const edge = await place.start();
  const statuses: number[] = [];
  // Each asks again about when the connection that its last answer came by is closed.
  const askers = Array.from({ length: 30 }, async (_, at) => {
    for (let round = 0; round < 4; round++) {
      const answer = await fetch(`${place.url}/fitness/workouts`, { method: at % 2 ? 'POST' : 'PUT', body: '{}' });
      await answer.arrayBuffer();
      statuses.push(answer.status);
      await delay(985 + at);
    }
  });
  await Promise.all(askers);
  edge.terminate();
  expect((await edge.ended).code).toBe(0);
  place.remove();
  server.close();
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(posts).toBe(60);
}, 60_000);

type Sent = ReturnType<typeof send>;

/** A connection on which bytes are sent, and what comes back. */
function send({ url }: EdgePlace, bytes: string) {
  const socket: Socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: false });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  const closed = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
  socket.write(bytes);
  const receivedText = async (text: string) => {
    while (!received.includes(text)) await once(socket, 'data');
  };
  /** The last answer, once the connection has ended. */
  const answer = async () => {
    const ending = await closed;
    const last = received.slice(received.lastIndexOf('HTTP/1.1 '));
    const [head = '', ...body] = last.split('\r\n\r\n');
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    return {
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
      closes: /^connection: close\r?$/im.test(head),
      isWhole: ending === 'end' && (length === body.join('').length || body.join('').endsWith('0')),
    };
  };
  return { socket, closed, answer, received: receivedText };
}

/** A connection that has been used, and is kept. */
async function keptConnection(place: EdgePlace): Promise<Sent> {
  const sent = send(place, 'GET /fitness/wod HTTP/1.1\r\nHost: a\r\n\r\n');
  await sent.received('x"}');
  return sent;
}
