import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable, pipeline } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@fit/service-kit/logger';
import { startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { notificationId } from '../control-plane/notifier.ts';
import type { RouteNotification } from '../control-plane/notifier.ts';
import { revision, weightFromPercent } from '../domain/weight.ts';
import { Webhook } from './webhook.ts';
import type { WebhookOptions } from './webhook.ts';

const SECRET = 'a secret of some length';
const START = Date.parse('2026-03-10T12:00:00.500Z');
const EVENT: RouteNotification = {
  id: notificationId({ route: 'wod', revision: revision(17) }),
  kind: 'rolled-back',
  route: 'wod',
  sentence: 'Rolled back: 7.1 % of people <new> failed & more.',
  revision: revision(17),
  weightBefore: weightFromPercent(25),
  weightAfter: weightFromPercent(0),
  actor: 'ramp',
  at: '2026-03-10T12:00:00.000Z',
  verdicts: [
    { gate: 'failed', verdict: 'fail', sentence: '7.1 % is over 1 %', numbers: { users: 140, failed: 10 } },
    { gate: 'slow', verdict: 'pass', sentence: '0 % is not over 5 %', numbers: { users: 140, slow: 0 } },
  ],
  edge: 'edge-1',
};

const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (_request, res) =>
    void res.writeHead(code, headers).end();

let receiver: Recorder;
let pauses: number[];
let lines: string[];
let clock: number;

beforeEach(async () => {
  receiver = await startRecorder(status(204));
  [pauses, lines, clock] = [[], [], START];
});
afterEach(async () => {
  await receiver.refuse();
});

/** In a time of its own, in which every pause takes as long as it should. */
function webhook(options: Partial<WebhookOptions> = {}): Webhook {
  const time = {
    now: () => clock,
    random: () => 0.999_999,
    sleep: async (ms: number) => {
      pauses.push(Math.round(ms / 100) / 10);
      clock += ms;
    },
  };
  return new Webhook({
    url: `${receiver.url}/services/T0/B0/path-that-is-secret?key=query-that-is-secret`,
    secret: SECRET,
    format: 'json',
    logger: createLogger('edge', 'debug', { write: (line) => void lines.push(line) }),
    time,
    ...options,
  });
}

const levels = () => lines.map((line) => (JSON.parse(line) as { level: string }).level);

describe('what is sent', () => {
  test('json is all that is known, signed over its time and its bytes', async () => {
    expect(await webhook().notify(EVENT)).toBe('delivered');
    const [sent] = receiver.requests;
    expect(sent).toMatchObject({ method: 'POST', url: '/services/T0/B0/path-that-is-secret?key=query-that-is-secret' });
    expect(sent!.headers).toMatchObject({ 'content-type': 'application/json', 'x-edge-event-id': 'wod:17' });
    expect(JSON.parse(sent!.body.toString())).toEqual({
      id: 'wod:17',
      kind: 'rolled-back',
      route: 'wod',
      sentence: EVENT.sentence,
      revision: 17,
      weight: { before: 25, after: 0 },
      actor: 'ramp',
      at: '2026-03-10T12:00:00.000Z',
      edge: 'edge-1',
      verdicts: EVENT.verdicts,
    });
    const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(sent!.headers['x-edge-signature'])) ?? [];
    expect(Number(time)).toBe(Math.floor(START / 1000));
    const signed = Buffer.concat([Buffer.from(`${time}.`), sent!.body]);
    expect(mac).toBe(createHmac('sha256', SECRET).update(signed).digest('hex'));
  });

  test('slack is a text that cannot be mistaken for markup', async () => {
    const forged = { ...EVENT, actor: 'eve\n*wod: completed*' };
    await webhook({ format: 'slack' }).notify(forged);
    expect(JSON.parse(receiver.requests[0]!.body.toString())).toEqual({
      text: [
        '*wod: rolled-back*, 25 % → 0 % (revision 17, by eve *wod: completed*)',
        'Rolled back: 7.1 % of people &lt;new&gt; failed &amp; more.',
        '• 7.1 % is over 1 %',
      ].join('\n'),
    });
  });

  test('without a secret it is not signed, and an unknown weight is null', async () => {
    await webhook({ secret: undefined }).notify({ ...EVENT, weightBefore: undefined });
    const [sent] = receiver.requests;
    expect(sent!.headers).not.toHaveProperty('x-edge-signature');
    expect(JSON.parse(sent!.body.toString())).toMatchObject({ weight: { before: null, after: 0 } });
  });
});

describe('what is repeated', () => {
  test('whatever may pass, with the same bytes and id and a time of its own', async () => {
    const failures = [status(500), status(429, { 'retry-after': '7' }), status(408), status(503)];
    receiver.behave((request, res) => (failures.shift() ?? status(200))(request, res));
    expect(await webhook().notify(EVENT)).toBe('delivered');
    expect(pauses).toEqual([1, 7, 4, 8]);
    expect(receiver.requests).toHaveLength(5);
    expect(new Set(receiver.requests.map(({ body }) => body.toString())).size).toBe(1);
    expect(new Set(receiver.requests.map(({ headers }) => headers['x-edge-event-id']))).toEqual(new Set(['wod:17']));
    const times = receiver.requests.map(({ headers }) =>
      Number(/^t=(\d+)/.exec(String(headers['x-edge-signature']))![1]),
    );
    expect(times.map((time) => time - times[0]!)).toEqual([0, 1, 8, 12, 20]);
    expect(levels()).toEqual(['warn', 'info']);
  });

  test('for ten minutes', async () => {
    await receiver.refuse();
    expect(await webhook().notify(EVENT)).toBe('given-up');
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60]);
    expect(levels()).toEqual(['warn', 'warn']);
    expect(JSON.parse(lines[1]!)).toMatchObject({
      webhook: receiver.url,
      event: 'wod:17',
      attempts: 15,
      why: 'ECONNREFUSED',
    });
  });

  test('a receiver that hangs, resets or speaks no HTTP is as bad as one that is not there', async () => {
    const failures: Behaviour[] = [() => undefined, (_request, res) => void res.destroy()];
    receiver.behave((request, res) => (failures.shift() ?? status(200))(request, res));
    expect(await webhook({ timeoutMs: 500 }).notify(EVENT)).toBe('delivered');
    expect(receiver.requests).toHaveLength(3);

    const gibberish = createServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('gibberish\r\n\r\n'),
    );
    await once(gibberish.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(gibberish.address() as AddressInfo).port}`;
    expect(await webhook({ url, timeoutMs: 200 }).notify(EVENT)).toBe('given-up');
    gibberish.close();
    await once(gibberish, 'close');
  });
});

describe('what is not repeated', () => {
  test.each([400, 401, 404, 410])('%d', async (code) => {
    receiver.behave(status(code));
    expect(await webhook().notify(EVENT)).toBe('given-up');
    expect(receiver.requests).toHaveLength(1);
    expect(levels()).toEqual(['warn']);
  });

  test('a redirect, nor is it followed', async () => {
    await using elsewhere = await startRecorder(status(200));
    receiver.behave(status(307, { location: elsewhere.url }));
    expect(await webhook().notify(EVENT)).toBe('given-up');
    expect([receiver.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
  });

  test.each<[string, Behaviour]>([
    ['is endless', (_request, res) => endless(res)],
    ['is cut', (_request, res) => void res.writeHead(200, { 'content-length': 10 }).write('x', () => res.destroy())],
    ['is not what it says', status(200, { 'content-encoding': 'gzip', 'content-type': 'nonsense' })],
    ['never ends', (_request, res) => void res.writeHead(200).write('x')],
  ])('a delivery whose answer %s', async (_, behaviour) => {
    receiver.behave(behaviour);
    expect(await webhook({ timeoutMs: 500 }).notify(EVENT)).toBe('delivered');
    expect(receiver.requests).toHaveLength(1);
  });

  test('anything, once it is called off', async () => {
    const ending = new AbortController();
    receiver.behave(() => ending.abort(new Error('the edge ends')));
    await expect(webhook().notify(EVENT, ending.signal)).rejects.toThrow('the edge ends');
    await expect(webhook().notify(EVENT, ending.signal)).rejects.toThrow('the edge ends');
    expect(receiver.requests).toHaveLength(1);
  });
});

test('a pause in real time ends when it is called off', async () => {
  receiver.behave(status(503, { 'retry-after': '60' }));
  const ending = new AbortController();
  const { url, secret, logger } = { url: receiver.url, secret: SECRET, logger: createLogger('edge', 'silent') };
  const notified = new Webhook({ url, secret, logger, format: 'json' }).notify(EVENT, ending.signal);
  await receiver.arrived('/', 1);
  ending.abort(new Error('the edge ends'));
  await expect(notified).rejects.toThrow('the edge ends');
});

test('the log knows neither the path of the URL nor the secret', async () => {
  receiver.behave(status(500));
  await webhook().notify(EVENT);
  await receiver.refuse();
  await webhook().notify(EVENT);
  await webhook({ url: 'http://path-that-is-secret@127.0.0.1:1/path-that-is-secret', secret: SECRET }).notify(EVENT);
  expect(lines.length).toBeGreaterThanOrEqual(6);
  expect(lines.join()).not.toMatch(/is-secret|a secret/);
});

function endless(res: ServerResponse): void {
  res.writeHead(200);
  // Fails when the other side has had enough.
  pipeline(Readable.from(repeated('x'.repeat(65_536))), res, () => undefined);
}

function* repeated(chunk: string): Generator<string> {
  for (;;) yield chunk;
}
