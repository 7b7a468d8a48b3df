import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { nginx } from '../nginx/test/nginx-component.ts';
import { startNginxUnderTest, wodPlan } from '../nginx/test/nginx-under-test.ts';
import { drawTrace } from './otlp-receiver.ts';
import type { ReceivedSpan } from './otlp-receiver.ts';
import { ROOT } from './running-stack.ts';
import { startTraced } from './traced-process.ts';
import { CLIENT, JSON_TYPE, askWith, startTracedStack } from './traced-stack.ts';
import type { TracedStack } from './traced-stack.ts';

const FALLBACK = ['edge-proxy: GET /split', '  edge-proxy: call broken', '  edge-proxy: fallback to spare'];

let stack: TracedStack;
beforeAll(async () => (stack = await startTracedStack()), 60_000);
afterAll(async () => await stack?.[Symbol.asyncDispose]());

describe('a workout through the edge', () => {
  const BY_THE_COACH = [
    'edge-proxy: GET /fitness/wod',
    '  edge-proxy: call coach',
    '    coach-service: GET /fitness/wod',
    '      coach-service: GET',
    '        legacy-monolith: GET /fitness/history',
    '          legacy-monolith: SQL',
  ];

  test('is one trace, from the client to the statements of the monolith, however many there are at a time', async () => {
    // The first one makes the coach ask for the catalogue besides.
    expect((await stack.ask('/fitness/wod', newTrace())).status).toBe(200);
    const traces = Array.from({ length: 5 }, newTrace);
    const answers = await Promise.all(traces.map(async (trace) => await stack.ask('/fitness/wod', trace)));
    expect(answers.map(({ status }) => status)).toEqual(traces.map(() => 200));
    // What checks of the edge's own ask for comes after it, if there is time for them.
    for (const trace of traces) await untilDrawn(trace, BY_THE_COACH, { most: BY_THE_COACH.length });
    const spans = stack.receiver.spansOf(traces[0]!);
    expect(spanOf(spans, 'GET /fitness/wod', 'edge-proxy').attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/fitness/wod',
      'http.response.status_code': 200,
      'edge.route': 'wod',
      'edge.side': 'new',
      'edge.assigned_by': 'weight',
      'edge.served_by': 'coach',
    });
    const statement = spans.find(({ attributes }) => attributes['db.query.text'] !== undefined)!;
    expect(statement.attributes['db.query.text']).toContain('$1');
    expect(spans.filter(({ isError }) => isError)).toEqual([]);
    // Of the person nothing is told: neither who it is, nor a query.
    expect(JSON.stringify(spans)).not.toMatch(/date=|127\.0\.0\.1:\d+\/fitness\/history\?|Bearer|traced@/);
  });

  test('has its copy to the other side, and what the check asks for, in the same trace', async () => {
    await stack.mirrorWorkouts();
    const trace = newTrace();
    expect((await stack.ask('/fitness/wod', trace)).status).toBe(200);
    await untilDrawn(trace, [
      ...BY_THE_COACH,
      '  edge-proxy: fetch from legacy',
      '    legacy-monolith: GET /fitness/history',
      '      legacy-monolith: SQL',
      '  edge-proxy: mirror to legacy',
      '    legacy-monolith: GET /fitness/wod',
      '      legacy-monolith: SQL',
    ]);
  });
});

test('statements of a request with a body are part of its trace', async () => {
  const trace = newTrace();
  const exercises = [{ exercise_id: 1, reps: 1 }];
  const answer = await stack.ask('/fitness/workouts', trace, {
    method: 'POST',
    headers: { ...JSON_TYPE, 'idempotency-key': 'once' },
    body: JSON.stringify({ exercises }),
  });
  expect(answer.status).toBe(201);
  await untilDrawn(trace, [
    'edge-proxy: POST',
    '  edge-proxy: call legacy',
    '    legacy-monolith: POST /fitness/workouts',
    '      legacy-monolith: SQL',
  ]);
});

describe('a fallback is a span of its own', () => {
  test.each<[string, Behaviour, string, number | undefined]>([
    ['server-error', (_request, res) => void res.writeHead(500).end(), '500', 500],
    ['first-byte-timeout', () => undefined, 'first-byte-timeout', undefined],
  ])('%s', async (fallback, behaviour, fault, status) => {
    stack.broken.behave(behaviour);
    const trace = newTrace();
    expect((await stack.ask('/split', trace)).status).toBe(200);
    await untilDrawn(trace, FALLBACK);
    const spans = stack.receiver.spansOf(trace);
    const first = spanOf(spans, 'call broken');
    const second = spanOf(spans, 'fallback to spare');
    expect(first).toMatchObject({ isError: true, attributes: status ? { 'http.response.status_code': status } : {} });
    if (!status) expect(first.attributes['error.type']).toBe(fault);
    expect(second).toMatchObject({ isError: false, attributes: { 'edge.fallback': fallback } });
    expect(spanOf(spans, 'GET /split').attributes).toMatchObject({
      'edge.fallback': fallback,
      'edge.served_by': 'spare',
    });
    // Each server behind is told of the call that reached it.
    expect(stack.broken.requests.at(-1)!.headers['traceparent']).toBe(`00-${trace}-${first.spanId}-01`);
    expect(stack.spare.requests.at(-1)!.headers['traceparent']).toBe(`00-${trace}-${second.spanId}-01`);
  });
});

describe('what a client says of its trace', () => {
  const sane = `00-${'1'.repeat(32)}-${CLIENT}-01`;

  test('is passed on with its state', async () => {
    const trace = newTrace();
    await stack.ask('/split', trace, { headers: { tracestate: 'a=1,b=2' } });
    expect(stack.spare.requests.at(-1)!.headers).toMatchObject({
      traceparent: expect.stringContaining(trace),
      tracestate: 'a=1,b=2',
    });
  });

  test.each([
    ['garbage', ['garbage']],
    ['10 KB', ['a'.repeat(10_240)]],
    ['10 KB after a sane beginning', [`${sane}-${'a'.repeat(10_240)}`]],
    ['ids of zeros', [`00-${'0'.repeat(32)}-${CLIENT}-01`]],
    ['several', [sane, sane]],
  ])('begins a new trace if it is %s, and goes no further', async (_what, traceparent) => {
    const { status } = await askWith({ traceparent, tracestate: 'a=1' }, `${stack.edge.url}/split`);
    expect(status).toBe(200);
    const { headers } = stack.spare.requests.at(-1)!;
    const [, trace = ''] = /^00-([\da-f]{32})-[\da-f]{16}-01$/.exec(String(headers['traceparent'])) ?? [];
    expect(trace).not.toBe('1'.repeat(32));
    expect(headers['tracestate']).toBeUndefined();
    await untilDrawn(trace, FALLBACK, { client: '' });
  });
});

await describeWith(nginx, 'through nginx', () => {
  test('a trace goes on', async () => {
    const plan = wodPlan(100, { legacy: stack.monolith.url, coach: stack.coach.url });
    await using front = await startNginxUnderTest('edge', plan, { edges: [new URL(stack.edge.url).host] });
    const trace = newTrace();
    await stack.ask('/split', trace, {}, front.url);
    await untilDrawn(trace, FALLBACK);
  });
});

test('a collector that fails, answers garbage, refuses or hangs costs nobody an answer, and no process its end', async () => {
  await using collector = await startRecorder((_request, res) => void res.writeHead(500).end('secret answer'));
  const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret' };
  await using unheard = await startTraced({
    folder: 'edge-proxy',
    env: { ...stack.edgeEnv('unheard'), ...otlp, OTEL_BSP_SCHEDULE_DELAY: '10' },
  });
  const served = async () => {
    for (let count = 0; count < 5; count++) {
      expect((await stack.ask('/split', newTrace(), {}, unheard.url)).status).toBe(200);
    }
  };
  const heard = async () => await collector.arrived('/v1/traces', collector.requests.length + 1);
  await Promise.all([served(), heard()]);
  collector.behave((_request, res) => void res.end('garbage'));
  await Promise.all([served(), heard()]);
  await collector.refuse();
  await served();
  collector.behave(() => undefined);
  await collector.listenAgain();
  const stoppedAt = performance.now();
  const heardBefore = collector.requests.length;
  expect(await unheard.stop()).toEqual({ code: 0 });
  // The collector itself would be waited for longer.
  expect(performance.now() - stoppedAt).toBeLessThan(9000);
  expect(collector.requests.length).toBeGreaterThan(heardBefore);
  expect(unheard.output()).not.toMatch(/secret/);
  expect(unheard.output().match(/traces cannot be sent/g)).toHaveLength(1);
});

test('what is not sent yet is sent at the end of the process, under the name that it is given', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: stack.receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
    OTEL_SERVICE_NAME: 'named',
  };
  await using ending = await startTraced({ folder: 'coach-service', env: { ...env, LEGACY_URL: stack.monolith.url } });
  const trace = newTrace();
  await stack.ask('/nowhere', trace, {}, ending.url);
  for (const probe of ['/health', '/ready', '/metrics']) await stack.ask(probe, trace, {}, ending.url);
  expect(stack.receiver.spansOf(trace)).toEqual([]);
  expect(await ending.stop()).toEqual({ code: 0 });
  expect(drawTrace(stack.receiver.spansOf(trace), CLIENT)).toEqual(['named: GET']);
});

test('what the environment says wrongly stops the start, with variable, rule and value', async () => {
  const wrong = { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', OTEL_TRACES_SAMPLER: 'sometimes' };
  await expect(startTraced({ folder: 'coach-service', env: wrong })).rejects.toThrow(
    /ended with 1:[^]*OTEL_EXPORTER_OTLP_ENDPOINT: must be [^\n]*"collector:4318"[^]*OTEL_TRACES_SAMPLER: must be one of [^\n]*"sometimes"/,
  );
});

test('the command `edge` traces as edge-proxy when it starts, and not to show its help', async () => {
  const { PATH = '' } = process.env;
  const env = { PATH, OTEL_EXPORTER_OTLP_ENDPOINT: stack.receiver.url };
  const program = join(ROOT, 'node_modules/.bin/edge');
  const run = async (...words: string[]) =>
    await promisify(execFile)(process.execPath, [program, ...words], { env }).catch(
      ({ stdout }: { stdout: string }) => ({ stdout }),
    );
  const [helped, started] = await Promise.all([run('--help'), run('--config', 'nowhere.yaml')]);
  expect(helped.stdout).toMatch(/^Usage: edge /);
  expect(helped.stdout).not.toContain('traces are sent');
  expect(JSON.parse(started.stdout.split('\n', 1)[0]!)).toMatchObject({
    service: 'edge-proxy',
    msg: 'traces are sent',
  });
});

describe('without a collector', () => {
  test('nothing of OpenTelemetry is loaded, and what clients say goes on as it is', async () => {
    const hooks = `import { registerHooks } from 'node:module';
      const say = (url) => /tracing|opentelemetry/.test(url) && console.log('loaded', url);
      registerHooks({ load: (url, context, next) => (say(url), next(url, context)) });`;
    const flags = [`--import=data:text/javascript,${encodeURIComponent(hooks)}`];
    await using off = await startTraced({ folder: 'edge-proxy', env: stack.edgeEnv('off'), flags });
    expect(off.output()).toMatch(/^loaded .*\/packages\/tracing\/src\/register\.ts$/m);
    // prom-client loads the API by itself.
    expect(off.output()).not.toMatch(/^loaded .*@opentelemetry\/(?!api\/)/m);
    const trace = newTrace();
    await stack.ask('/split', trace, { headers: { tracestate: 'a=1' } }, off.url);
    const passedOn = { traceparent: `00-${trace}-${CLIENT}-01`, tracestate: 'a=1' };
    expect(stack.spare.requests.at(-1)!.headers).toMatchObject(passedOn);
    await askWith({ traceparent: 'a'.repeat(10_240), tracestate: 'a=1' }, `${off.url}/split`);
    for (const name of Object.keys(passedOn)) expect(stack.spare.requests.at(-1)!.headers).not.toHaveProperty(name);
  });
});

function newTrace(): string {
  return randomBytes(16).toString('hex');
}

type Drawing = { client?: string; most?: number };

/** Resolves once a trace, or so many of its first lines, has been received as it is drawn. */
async function untilDrawn(trace: string, lines: readonly string[], { client = CLIENT, most }: Drawing = {}) {
  const drawn = () => drawTrace(stack.receiver.spansOf(trace), client).join('\n').split('\n').slice(0, most);
  for (const until = performance.now() + 10_000; performance.now() < until; await delay(10)) {
    if (drawn().join('\n') === lines.join('\n')) return;
  }
  expect(drawn()).toEqual(lines);
}

function spanOf(spans: readonly ReceivedSpan[], name: string, service = 'edge-proxy'): ReceivedSpan {
  return spans.find((span) => span.name === name && span.service === service)!;
}
