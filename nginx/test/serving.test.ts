import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { Agent } from 'undici';
import { nginx } from './nginx-component.ts';
import { logLineOf, startNginxUnderTest, wodPlan } from './nginx-under-test.ts';
import type { NginxUnderTest } from './nginx-under-test.ts';

const as =
  (name: string): Behaviour =>
  (_request, res) =>
    sendJson(res, { by: name }, { 'x-served-by': name });
const reset: Behaviour = (_request, res) => void res.socket?.resetAndDestroy();

await describeWith(nginx, 'topology edge', () => {
  let edges: Recorder[];
  let monolith: Recorder;
  let front: NginxUnderTest;
  const agent = new Agent({ pipelining: 0 });
  const get = async (path: string, options: object = {}) => {
    const answer = await agent.request({ origin: front.url, path, method: 'GET', ...options });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  };
  const seenByEdges = () => edges.flatMap((edge) => edge.requests);

  const startFront = () =>
    startNginxUnderTest('edge', wodPlan(0, { legacy: monolith.url, coach: 'http://127.0.0.1:1' }), {
      edges: edges.map(({ url }) => new URL(url).host),
    });

  beforeAll(async () => {
    edges = [await startRecorder(as('edge-1')), await startRecorder(as('edge-2'))];
    monolith = await startRecorder(as('legacy'));
    front = await startFront();
  });
  afterEach(() => {
    for (const [at, edge] of edges.entries()) {
      edge.behave(as(`edge-${at + 1}`));
      edge.requests.length = 0;
    }
  });
  afterAll(async () => {
    await agent.destroy();
    await front?.[Symbol.asyncDispose]();
    await Promise.all([...edges, monolith].map((server) => server[Symbol.asyncDispose]()));
  });

  test('balances over the edges and never asks the monolith while one is there', async () => {
    for (let count = 0; count < 10; count++) expect((await get('/fitness/wod')).status).toBe(200);
    for (const edge of edges) expect(edge.requests.length).toBeGreaterThan(0);
    expect(monolith.requests).toHaveLength(0);
  });

  test('passes the path as it came, and says who asks for what', async () => {
    await get('/a//b/%2e%2e/c?q=1', {
      headers: {
        host: 'fit.example:8000',
        'x-forwarded-for': '198.51.100.9',
        'x-forwarded-proto': 'https',
        forwarded: 'for=198.51.100.9',
        proxy: 'http://evil.example',
        x_user_id: '7',
        'x-edge-prefer': 'coach',
      },
    });
    const [seen] = seenByEdges();
    expect(seen).toMatchObject({ url: '/a//b/%2e%2e/c?q=1' });
    expect(seen!.headers).toMatchObject({
      host: 'fit.example:8000',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'fit.example:8000',
      'x-edge-prefer': 'coach',
    });
    for (const name of ['forwarded', 'proxy', 'x_user_id', 'upgrade', 'connection']) {
      expect(seen!.headers).not.toHaveProperty(name);
    }
  });

  describe('the request id', () => {
    test.each([
      ['x-request-id', 'abc-1', 'abc-1'],
      ['x-correlation-id', 'abc-2', 'abc-2'],
      ['x-request-id', 'not sane', undefined],
      ['x-request-id', 'x'.repeat(129), undefined],
      ['x-request-id', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.', undefined],
    ])('%s: %s', async (name, value, expected) => {
      await get('/fitness/wod', { headers: { [name]: value } });
      const id = seenByEdges()[0]!.headers['x-request-id'] as string;
      if (expected) expect(id).toBe(expected);
      else expect(id).toMatch(/^[\da-f]{32}$/);
      const line = await logLineOf(id, front);
      expect(line).toMatchObject({
        service: 'nginx',
        request_id: id,
        method: 'GET',
        path: '/fitness/wod',
        status: 200,
      });
    });

    test('stands in the log with times and who served, and no query, token or address does', async () => {
      await get('/fitness/wod?token=secret-in-query', {
        headers: { 'x-request-id': 'log-1', authorization: 'Bearer secret-token' },
      });
      const line = await logLineOf('log-1', front);
      expect(line).toMatchObject({ served_by: expect.stringMatching(/^edge-/), upstream_status: '200' });
      expect(line['duration_s']).toEqual(expect.any(Number));
      const log = readFileSync(join(front.folder, 'access.log'), 'utf8');
      expect(log).not.toMatch(/secret/);
      for (const each of log.trim().split('\n'))
        expect(Object.keys(JSON.parse(each) as object)).not.toContain('client');
    });
  });

  test.each([
    ['/', '/'],
    ['/exercises/12', '/exercises/12'],
    ['/.well-known/jwks.json', '/.well-known/jwks.json'],
    ['/a//b/', '/a//b/'],
    [`/shared/eyJ${'a'.repeat(40)}.e30.c2ln/now`, '/shared/...'],
    ['/people/who@fit.example/orders', '/people/...'],
    ['/from/203.0.113.9', '/from/...'],
    [`/${'x'.repeat(33)}?q=1`, '/...'],
    ['/%77ho', '/...'],
  ])('the path %s is logged as %s', async (path, logged) => {
    const requestId = `path-${logged.replace(/[^\w.]/g, '_')}-${path.length}`;
    await get(path, { headers: { 'x-request-id': requestId } });
    expect(await logLineOf(requestId, front)).toMatchObject({ path: logged });
  });

  // Each with an Nginx of its own, as one that saw a fault leaves that edge out for a second.
  describe('an edge that fails', () => {
    test.each(['GET', 'HEAD', 'OPTIONS'] as const)('%s is asked once more, at the other one', async (method) => {
      await using alone = await startFront();
      edges[0]!.behave(reset);
      for (let count = 0; count < 4; count++) {
        const { status, headers } = await get('/fitness/wod', { method, origin: alone.url });
        expect({ status, by: headers['x-served-by'] }).toEqual({ status: 200, by: 'edge-2' });
      }
    });

    test.each(['POST', 'PUT', 'DELETE', 'PATCH'] as const)('%s is not repeated after it was sent', async (method) => {
      await using alone = await startFront();
      for (const edge of edges) edge.behave(reset);
      const answer = await get('/fitness/workouts', { method, body: '{}', origin: alone.url });
      expect(answer.status).toBe(502);
      expect(problemSchema.parse(JSON.parse(answer.body))).toMatchObject({ service: 'nginx', status: 502 });
      expect(seenByEdges()).toHaveLength(1);
    });
  });

  test.each(['GET', 'POST', 'PATCH'] as const)('%s finds the other one when an edge is gone', async (method) => {
    await using alone = await startFront();
    await edges[0]!.refuse();
    for (let count = 0; count < 4; count++) {
      const { status } = await get('/fitness/workouts', { method, origin: alone.url });
      expect(status).toBe(200);
    }
    await edges[0]!.listenAgain();
    expect(edges[1]!.requests).toHaveLength(4);
  });

  test('a 5xx of an edge passes as it is, and is no reason to ask another one', async () => {
    const broken: Behaviour = (_request, res) => {
      res.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '7' });
      res.end('{"of":"the edge"}');
    };
    for (const edge of edges) edge.behave(broken);
    const answer = await get('/fitness/wod');
    expect(answer).toMatchObject({ status: 503, body: '{"of":"the edge"}', headers: { 'retry-after': '7' } });
    expect(seenByEdges()).toHaveLength(1);
  });

  test('a head of 12 KiB passes, and is no reason to leave an edge out', async () => {
    const cookies = Array.from({ length: 12 }, (_, at) => `c${at}=${'x'.repeat(1000)}`);
    for (const [at, edge] of edges.entries()) {
      edge.behave((_request, res) => {
        res.setHeader('set-cookie', cookies);
        sendJson(res, {}, { 'x-served-by': `edge-${at + 1}` });
      });
    }
    for (let count = 0; count < 4; count++) {
      const { status, headers } = await get('/fitness/wod');
      expect({ status, cookies: headers['set-cookie'] }).toEqual({ status: 200, cookies });
      expect(headers['x-served-by']).toMatch(/^edge-/);
    }
  });

  test('a request head of 12 KiB passes, and nobody is told which Nginx this is', async () => {
    const { status, headers } = await get('/fitness/wod', { headers: { 'x-long': 'x'.repeat(12_000) } });
    expect({ status, server: headers['server'] }).toEqual({ status: 200, server: 'nginx' });
  });

  test('a client that does not end its head is let go', async () => {
    const socket = connect(front.settings.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /fitness/wod HTTP/1.1\r\nHost: fit.example\r\n');
    const startedAt = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(seenByEdges()).toHaveLength(0);
  });

  test('a body over 1 MiB is too large in HTTP/2 too', async () => {
    const session = http2.connect(front.tlsUrl, { rejectUnauthorized: false });
    const asked = session.request({ ':method': 'POST', ':path': '/fitness/workouts', 'content-length': '2000000' });
    asked.on('error', () => undefined);
    asked.end('x'.repeat(2_000_000));
    const [headers] = (await once(asked, 'response')) as [http2.IncomingHttpHeaders];
    expect(headers).toMatchObject({ ':status': 413, 'content-type': 'application/problem+json' });
    session.destroy();
  });

  test('plain HTTP on the port for TLS is a problem too', async () => {
    const answer = await get('/', { origin: front.tlsUrl.replace('https', 'http') });
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(JSON.parse(answer.body)).title).toBe('Bad request');
  });

  describe('what it refuses itself is a problem with the request id', () => {
    test.each([
      [
        'a body over 1 MiB',
        '/fitness/workouts',
        { method: 'POST', body: 'x'.repeat(1_048_577) },
        413,
        'body-too-large',
      ],
      ['an internal path', '/metrics', {}, 404, 'not-found'],
      ['an internal path, differently spelt', '/%6detrics?x', {}, 404, 'not-found'],
      ['a head over 16 KiB', '/', { headers: { 'x-long': 'x'.repeat(17_000) } }, 400, 'bad-request'],
      ['a path that leaves the root', '/../x', {}, 400, 'bad-request'],
    ] as const)('%s', async (_, path, options, status, type) => {
      const answer = await get(path, { ...options });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      const problem = problemSchema.parse(JSON.parse(answer.body));
      expect({ sent: answer.status, ...problem }).toMatchObject({ sent: status, status, type, service: 'nginx' });
      expect(answer.headers['x-request-id']).toBe(problem.correlation_id);
      const { method = 'GET' } = options as { method?: string };
      expect(await logLineOf(problem.correlation_id, front)).toMatchObject({ method, status });
      expect(seenByEdges()).toHaveLength(0);
    });
  });

  describe('TLS', () => {
    test('has HTTP/2 by a certificate for localhost', async () => {
      const ca = readFileSync(join(front.folder, 'certificate.pem'));
      const session = http2.connect(front.tlsUrl, { ca, servername: 'localhost' });
      const asked = session.request({ ':path': '/fitness/wod', cookie: ['a=1', 'sid=7'] });
      const [headers] = (await once(asked, 'response')) as [http2.IncomingHttpHeaders];
      expect(headers).toMatchObject({ ':status': 200, 'x-served-by': expect.stringMatching(/^edge-/) });
      session.destroy();
      expect(seenByEdges()[0]!.headers).toMatchObject({ 'x-forwarded-proto': 'https', cookie: 'a=1; sid=7' });
    });

    test.each([
      ['TLSv1.1', 'closed'],
      ['TLSv1.2', 'open'],
      ['TLSv1.3', 'open'],
    ] as const)('%s is %s', async (version, expected) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: front.settings.tlsPort,
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        // The oldest versions need what OpenSSL calls level 0, else the client itself would refuse.
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      const outcome = await Promise.race([
        once(socket, 'secureConnect').then(() => 'open'),
        new Promise((resolve) => socket.once('error', () => resolve('closed'))),
      ]);
      socket.destroy();
      expect(outcome).toBe(expected);
    });
  });

  test('only this machine is told which configuration is in force', async () => {
    const answer = await get('/.nginx/configuration');
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^[\da-f]{12}$/) });
    const config = readFileSync(join(front.folder, 'nginx.conf'), 'utf8');
    expect(config).toContain(answer.body);
  });
});
