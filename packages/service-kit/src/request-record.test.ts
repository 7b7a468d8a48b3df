import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import type { Express } from 'express';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { publishBuildInfo } from './build-info.ts';
import { listen } from './http-server.ts';
import { createLogger } from './logger.ts';
import { createRegistry } from './metrics.ts';
import { Readiness } from './readiness.ts';
import { nameRoute } from './request-record.ts';
import { addRoute, createServiceApp } from './service-app.ts';

const TOKEN = 'scrape-token-of-a-test';
type Method = Dispatcher.HttpMethod;

const routes = (app: Express) => {
  addRoute(app, '/of/:name', { GET: [(_req, res) => void res.json({})] });
  addRoute(app, '/endless', { GET: [(_req, res) => void res.write('x')] });
  addRoute(app, '/silent', { GET: [() => undefined] });
  app.use('/files', (_req, res) => {
    nameRoute(res.locals, 'files');
    res.send('a file');
  });
};

describe('each request has one line', () => {
  test('with its id, method, pattern, status and time, and nothing that it said', async () => {
    await using app = await serve();
    await app.send('GET', '/of/somebody?password=hidden', { 'x-request-id': 'r-1', authorization: 'Bearer hidden' });
    expect(await app.lines(1)).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        service: 'test-service',
        msg: 'request',
        requestId: 'r-1',
        method: 'GET',
        route: '/of/:name',
        status: 200,
        durationMs: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(await app.lines(1))).not.toMatch(/hidden|somebody/);
  });

  test.each([
    ['GET', '/nowhere/hidden', 404, 'unmatched'],
    ['DELETE', '/of/hidden', 405, '/of/:name'],
    ['GET', '/of/%ff', 400, 'unmatched'],
    ['GET', '/files/hidden.js', 200, 'files'],
    ['GET', '/openapi.json', 404, 'unmatched'],
  ] as const)('%s %s is %d of %s', async (method, path, status, route) => {
    await using app = await serve();
    await app.send(method, path);
    expect(await app.lines(1)).toEqual([expect.objectContaining({ method, status, route, msg: 'request' })]);
  });

  test('where the client leaves: without a status if there was none yet', async () => {
    await using app = await serve();
    for (const path of ['/endless', '/silent']) {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      if (path === '/endless') await once(socket, 'data');
      else await app.accepted();
      socket.destroy();
    }
    const lines = await app.lines(2);
    expect(lines.find(({ route }) => route === '/endless')).toMatchObject({ status: 200, aborted: true });
    expect(lines.find(({ route }) => route === '/silent')).toMatchObject({ aborted: true });
    expect(lines.find(({ route }) => route === '/silent')).not.toHaveProperty('status');
    const text = await app.metrics();
    expect(text).toContain('route="/endless",status="aborted"');
    expect(text).toContain('route="/silent",status="aborted"');
  });

  test('probes and scrapes at debug, whatever comes of them', async () => {
    await using app = await serve({ metricsToken: TOKEN });
    for (const path of ['/health', '/ready', '/metrics']) await app.send('GET', path);
    await app.send('GET', '/of/x');
    expect((await app.lines(1)).map(({ route }) => route)).toEqual(['/of/:name']);
  });
});

test('odd paths, methods and headers of many callers make no new series', async () => {
  await using app = await serve();
  const methods = ['GET', 'PROPFIND', 'PURGE', 'POST', 'SEARCH', 'TRACE'] as unknown as Method[];
  const send = async (from: number) => {
    for (const [at, method] of methods.entries()) {
      const odd = `${from}-${at}`;
      const paths = [`/of/${odd}`, `/${odd}`, `/files/${odd}?${odd}`, `/of/${odd}/${odd}`];
      for (const path of paths) await app.send(method, path, { 'x-request-id': odd, 'user-agent': odd });
    }
  };
  await send(0);
  const before = await app.series();
  for (let from = 1; from <= 10; from++) await send(from);
  expect(await app.series()).toEqual(before);
});

describe('a scrape token', () => {
  test.each([
    [{}, 'Bearer realm="metrics"'],
    [{ authorization: 'Bearer wrong-token-of-a-test' }, 'Bearer realm="metrics", error="invalid_token"'],
    [{ authorization: TOKEN }, 'Bearer realm="metrics", error="invalid_token"'],
    [{ authorization: `Basic ${TOKEN}` }, 'Bearer realm="metrics", error="invalid_token"'],
    [{ authorization: `Bearer ${TOKEN}x` }, 'Bearer realm="metrics", error="invalid_token"'],
    [{ authorization: `Bearer ${TOKEN} ${TOKEN}` }, 'Bearer realm="metrics", error="invalid_token"'],
  ])('refuses %j', async (headers, challenge) => {
    await using app = await serve({ metricsToken: TOKEN });
    const answer = await app.send('GET', '/metrics', headers);
    expect(answer.status).toBe(401);
    expect(answer.headers).toMatchObject({
      'www-authenticate': challenge,
      'content-type': 'application/problem+json; charset=utf-8',
    });
    expect(answer.text).not.toContain(TOKEN);
  });

  test.each([`Bearer ${TOKEN}`, `bearer  ${TOKEN}`])('opens with %s', async (authorization) => {
    await using app = await serve({ metricsToken: TOKEN });
    expect((await app.send('GET', '/metrics', { authorization })).text).toContain('process_cpu_seconds_total');
  });

  test('is asked for nowhere else', async () => {
    await using app = await serve({ metricsToken: TOKEN });
    expect((await app.send('GET', '/health')).status).toBe(200);
  });
});

test('metrics say what runs, and no gauge has the name of a counter', async () => {
  await using app = await serve();
  const text = await app.metrics();
  expect(text).toContain(
    `fit_build_info{version="0.1.0",revision="abc123",node="${process.version}",service="test-service"} 1`,
  );
  const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name!);
  expect(gauges).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(gauges.filter((name) => name.endsWith('_total'))).toEqual([]);
});

async function serve({ metricsToken }: { metricsToken?: string } = {}) {
  const lines: Record<string, unknown>[] = [];
  const registry = createRegistry('test-service');
  publishBuildInfo(registry, import.meta.url, 'abc123');
  const app = createServiceApp({
    service: 'test-service',
    logger: createLogger('test-service', 'info', { write: (line) => void lines.push(JSON.parse(line)) }),
    registry,
    metricsToken,
    readiness: new Readiness(),
    routes,
  });
  const arrivals = new EventEmitter();
  const counted = express().use((_req, _res, next) => {
    arrivals.emit('request');
    next();
  }, app);
  const server = await listen(counted, { host: '127.0.0.1', port: 0 });
  const send = async (method: Method, path: string, headers: Record<string, string> = {}) => {
    const answer = await request(server.url + path, { method, headers });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const metrics = async () => await registry.metrics();
  return {
    url: server.url,
    send,
    metrics,
    /** Resolves once another request has come in. */
    accepted: () => once(arrivals, 'request'),
    /** All lines, once there are so many. */
    lines: async (count: number) => {
      while (lines.length < count) await turn();
      return lines;
    },
    series: async () =>
      [...(await metrics()).matchAll(/^http_request_duration_seconds_count(\{.*\})/gm)].map(([, labels]) => labels),
    [Symbol.asyncDispose]: server.close,
  };
}
