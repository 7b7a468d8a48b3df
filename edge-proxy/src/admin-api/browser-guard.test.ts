import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BROWSER_HEADERS } from './browser-guard.ts';
import { WOD, expectProblem, expectUntouched, putWeight, send } from './test/admin-request.ts';
import type { Sent } from './test/admin-request.ts';
import { startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

let pageFolder: string;
let server: AdminServer;

beforeAll(() => {
  pageFolder = join(mkdtempSync(join(tmpdir(), 'page-')), 'dist');
  mkdirSync(join(pageFolder, 'assets'), { recursive: true });
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>Edge</title>');
  writeFileSync(join(pageFolder, 'assets', 'index-B2c4.js'), 'export {};');
  writeFileSync(join(pageFolder, 'icon.svg'), '<svg/>');
  writeFileSync(join(pageFolder, '..', 'secret'), 'not for you');
});
afterAll(() => rmSync(join(pageFolder, '..'), { recursive: true }));
beforeEach(async () => {
  server = await startAdminServer({ pageFolder, host: '192.0.2.7', hostNames: ['edge.example', '[2001:db8::1]'] });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const asHost = (host: string): Sent => ({ headers: { host } });

describe('Host', () => {
  test.each([
    'localhost',
    'LOCALHOST:9',
    '127.0.0.1:8081',
    '[::1]:8081',
    '192.0.2.7',
    'edge.example',
    'Edge.Example:443',
    '[2001:db8::1]:8081',
  ])('%s is known', async (host) => {
    expect((await send(server, 'GET', WOD, asHost(host))).status).toBe(200);
    expect((await send(server, 'GET', '/', asHost(host))).status).toBe(200);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    'edge.example.evil',
    '192.0.2.8',
    '0.0.0.0:8081',
    '[::]',
    'a@localhost',
    'localhost:',
    'localhost:x',
    'localhost/',
    '127.0.0.1.',
  ])('%s is refused, on the page too', async (host) => {
    for (const path of [WOD, '/', '/admin/v1/openapi.json']) {
      const answer = await send(server, 'GET', path, asHost(host));
      expectProblem(answer, 421, 'misdirected-host');
      expect(answer.body.detail).toContain(JSON.stringify(host));
    }
    expectProblem(await putWeight(server, asHost(host)), 421, 'misdirected-host');
    await expectUntouched(server);
  });

  test.each(['/health', '/ready', '/metrics'])('may be any for %s, which is asked by address', async (path) => {
    server.readiness.markReady();
    expect((await send(server, 'GET', path, asHost('10.1.2.3:8081'))).status).toBe(200);
  });

  test('of every interface is nobody to call', async () => {
    await using everywhere = await startAdminServer({ host: '0.0.0.0' });
    expectProblem(await send(everywhere, 'GET', WOD, asHost('0.0.0.0:8081')), 421, 'misdirected-host');
    expect((await send(everywhere, 'GET', WOD)).status).toBe(200);
  });
});

describe('another origin', () => {
  const own = { host: 'edge.example' };

  test.each(['http://edge.example', 'https://edge.example', 'https://edge.example:443', 'HTTPS://EDGE.EXAMPLE'])(
    'is not %s',
    async (origin) => {
      expect((await putWeight(server, { headers: { ...own, origin } })).status).toBe(200);
    },
  );

  test('has the port in it', async () => {
    const to = { host: 'edge.example:8081' };
    expect((await send(server, 'GET', WOD, { headers: { ...to, origin: 'http://edge.example:8081' } })).status).toBe(
      200,
    );
    for (const origin of ['http://edge.example', 'http://edge.example:3000']) {
      expectProblem(await send(server, 'GET', WOD, { headers: { ...to, origin } }), 403, 'cross-origin');
    }
  });

  test.each([
    'https://evil.example',
    'null',
    'file://',
    'ftp://edge.example',
    'edge.example',
    'http://edge.example.evil',
    '',
  ])('%j is refused, whatever token it has', async (origin) => {
    expectProblem(await putWeight(server, { headers: { ...own, origin } }), 403, 'cross-origin');
    expectProblem(await send(server, 'GET', WOD, { headers: { ...own, origin } }), 403, 'cross-origin');
    await expectUntouched(server);
  });

  test.each(['cross-site', 'same-site', 'anything'])('%s is refused by the API, not by the page', async (site) => {
    const headers = { 'sec-fetch-site': site };
    expectProblem(await putWeight(server, { headers }), 403, 'cross-origin');
    await expectUntouched(server);
    expect((await send(server, 'GET', '/', { headers })).status).toBe(200);
  });

  test.each(['same-origin', 'none'])('is not %s', async (site) => {
    expect((await putWeight(server, { headers: { 'sec-fetch-site': site } })).status).toBe(200);
  });

  test('is never told that it may', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
    const answers = [
      await send(server, 'OPTIONS', `${WOD}/weight`, { headers: preflight }),
      await send(server, 'GET', WOD),
      await send(server, 'GET', '/'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 200, 200]);
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control') || name === 'set-cookie')).toEqual(
        [],
      );
    }
  });
});

test.each([
  ['/', 200],
  ['/assets/index-B2c4.js', 200],
  ['/nothing', 404],
  ['/health', 200],
  ['/ready', 503],
  [WOD, 200],
  ['/admin/v1/nothing', 404],
  ['/admin/v1/routes/%zz', 400],
])('%s (%d) tells browsers to be strict', async (path, status) => {
  const answer = await send(server, 'GET', path);
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject(BROWSER_HEADERS);
  expect(BROWSER_HEADERS).toMatchObject({
    'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
    'x-frame-options': 'DENY',
  });
});

describe('the page', () => {
  test('is looked for anew each time; what is named after its content is kept', async () => {
    expect(await send(server, 'GET', '/')).toMatchObject({
      status: 200,
      text: '<!doctype html><title>Edge</title>',
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'last-modified': expect.any(String),
      },
    });
    expect(await send(server, 'GET', '/assets/index-B2c4.js')).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect((await send(server, 'GET', '/icon.svg')).headers['cache-control']).toBe('no-cache');
  });

  test('and all its files are one route in the metrics, whatever is asked for', async () => {
    for (const path of ['/assets/index-B2c4.js', '/icon.svg', '/assets/made-up.js']) await send(server, 'GET', path);
    const { text } = await send(server, 'GET', '/metrics');
    const series = text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'));
    expect(series.map((line) => /route="(.*)",status="(.*)"\} (\d)/.exec(line)?.slice(1))).toEqual([
      ['dashboard files', '200', '2'],
      ['unmatched', '404', '1'],
    ]);
  });

  test('needs no token, and takes nothing', async () => {
    expect((await send(server, 'GET', '/', { headers: { authorization: [] } })).status).toBe(200);
    expectProblem(await send(server, 'POST', '/', { body: {} }), 405, 'method-not-allowed');
    expectProblem(await send(server, 'POST', '/icon.svg', { body: {} }), 404, 'not-found');
  });

  test.each(['/../secret', '/..%2fsecret', '/assets/..%2f..%2fsecret', '/%2e%2e/secret', '/assets'])(
    '%s leads nowhere',
    async (path) => {
      const { status, text } = await send(server, 'GET', path);
      expect([400, 403, 404]).toContain(status);
      expect(text).not.toContain('not for you');
    },
  );

  test('that was not built says how to build it', async () => {
    await using bare = await startAdminServer({ pageFolder: join(pageFolder, 'nothing') });
    const { status, text, headers } = await send(bare, 'GET', '/');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 503, type: 'text/html; charset=utf-8' });
    expect(text).toContain('npm run build');
    expect(headers['cache-control']).toBe('no-store');
    expectProblem(await send(bare, 'GET', '/assets/x.js'), 404, 'not-found');
  });
});
