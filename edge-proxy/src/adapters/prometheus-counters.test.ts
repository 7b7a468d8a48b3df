import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { CounterScraper } from './prometheus-counters.ts';

const TEXT = 'calls_total{code="200"} 90\ncalls_total{code="500"} 10\n';
const SELECTORS = ['calls_total{code="500"}', 'calls_total', 'other_total'];
const UNKNOWN = [undefined, undefined, undefined];

const serve =
  (text: string, status = 200, headers: Record<string, string> = {}): Behaviour =>
  (_request, res) =>
    void res.writeHead(status, { 'content-type': 'text/plain; version=0.0.4', ...headers }).end(text);

let upstream: Recorder;
let scraper: CounterScraper;
let faults: string[];
let sockets: Set<unknown>;

beforeEach(async () => {
  upstream = await startRecorder(serve(TEXT));
  [faults, sockets] = [[], new Set()];
  scraper = new CounterScraper({
    timeoutMs: 500,
    maxBytes: 1000,
    onFault: ({ origin, path }, fault) => faults.push(`${origin === upstream.url} ${path} ${fault}`),
  });
});
afterEach(async () => {
  await scraper.close();
  await upstream.refuse();
});

const read = async () => await scraper.read({ origin: upstream.url, path: '/metrics?all=1' }, SELECTORS);

test('one request tells all counters, and one connection serves all requests', async () => {
  upstream.behave((request, res) => {
    sockets.add(res.socket);
    return serve(TEXT)(request, res);
  });
  for (let look = 0; look < 3; look++) expect(await read()).toEqual([10, 100, undefined]);
  expect(await Promise.all([read(), read()])).toEqual([
    [10, 100, undefined],
    [10, 100, undefined],
  ]);
  expect(upstream.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(5).fill('GET /metrics?all=1'));
  expect(upstream.requests[0]!.headers).toMatchObject({ accept: 'text/plain; version=0.0.4' });
  expect(sockets.size).toBe(1);
  expect(faults).toEqual([]);
});

test('whoever wants a token of those who scrape gets it', async () => {
  const other = new CounterScraper({
    token: 'scrape-token-of-a-test',
    onFault: (_target, fault) => faults.push(fault),
  });
  await other.read({ origin: upstream.url, path: '/metrics' }, SELECTORS);
  await other.close();
  await read();
  expect(upstream.requests.map(({ headers }) => headers['authorization'])).toEqual([
    'Bearer scrape-token-of-a-test',
    undefined,
  ]);
});

test.each<[string, Behaviour]>([
  ['404', serve(TEXT, 404)],
  ['503', serve(TEXT, 503)],
  ['302', serve(TEXT, 302, { location: '/elsewhere' })],
  ['encoded', serve(TEXT, 200, { 'content-encoding': 'gzip' })],
  ['too-long', serve('x'.repeat(2000))],
  ['too-long', (_request, res) => void res.writeHead(200).write('x'.repeat(1001))],
  ['TimeoutError', () => undefined],
  ['TimeoutError', (_request, res) => void res.writeHead(200).write(TEXT)],
  ['UND_ERR_SOCKET', (_request, res) => void res.destroy()],
  ['UND_ERR_SOCKET', (_request, res) => void res.writeHead(200).write(TEXT, () => res.destroy())],
])('%s is told, nothing is known, and the next look is as good as ever', async (fault, behaviour) => {
  upstream.behave(behaviour);
  expect(await read()).toEqual(UNKNOWN);
  expect(faults).toEqual([`true /metrics?all=1 ${fault}`]);
  upstream.behave(serve(TEXT));
  expect(await read()).toEqual([10, 100, undefined]);
  expect(faults).toHaveLength(1);
});

test('a selector that is none is refused', async () => {
  await expect(scraper.read({ origin: upstream.url, path: '/' }, ['calls_total{'])).rejects.toThrow('"calls_total{"');
  expect(upstream.requests).toEqual([]);
});

test('an upstream that is gone, and is back', async () => {
  await upstream.refuse();
  expect(await read()).toEqual(UNKNOWN);
  expect(faults).toEqual(['true /metrics?all=1 ECONNREFUSED']);
  await upstream.listenAgain();
  expect(await read()).toEqual([10, 100, undefined]);
});

test('what is under way when it is closed ends', async () => {
  upstream.behave(() => undefined);
  const reading = read();
  await upstream.arrived('/metrics', 1);
  await scraper.close();
  expect(await reading).toEqual(UNKNOWN);
});
