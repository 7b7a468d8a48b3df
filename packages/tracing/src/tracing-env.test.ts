import { describe, expect, test } from '@jest/globals';
import { EnvError } from '@fit/service-kit/env';
import { isTracingWanted } from './is-tracing-wanted.ts';
import { readTracingEnv } from './tracing-env.ts';

const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('traces are wanted', () => {
  test.each([
    [true, collector],
    [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }],
    [true, { ...collector, OTEL_SDK_DISABLED: 'false' }],
    [false, {}],
    [false, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [false, { OTEL_SERVICE_NAME: 'coach', OTEL_TRACES_SAMPLER: 'always_on' }],
    [false, { ...collector, OTEL_SDK_DISABLED: 'TRUE' }],
    [false, { ...collector, OTEL_TRACES_EXPORTER: 'none' }],
  ])('%s: %p', (wanted, env) => expect(isTracingWanted(env)).toBe(wanted));
});

describe('the environment', () => {
  test('has defaults, and names the collector without path or credentials', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:secret@collector.example/otlp' };
    expect(readTracingEnv(endpoint)).toEqual({
      collector: 'https://collector.example',
      sampler: 'parentbased_always_on',
      share: 1,
      batch: { delayMs: 5000, timeoutMs: 30_000, maxQueue: 2048, maxBatch: 512 },
    });
  });

  test('says what is sampled, and how much is kept', () => {
    const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    const batch = { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512' };
    expect(readTracingEnv({ ...collector, ...sampler, ...batch })).toMatchObject({
      sampler: 'parentbased_traceidratio',
      share: 0.25,
      batch: { maxQueue: 100, maxBatch: 100 },
    });
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'http or https URL'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'ftp://collector', 'http or https URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '1s', 'whole number from 1 to 300000'],
    ['OTEL_TRACES_EXPORTER', 'jaeger', 'otlp or none'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'share from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '25 %', 'share from 0 to 1'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'whole number from 1 to 100000'],
    ['OTEL_SDK_DISABLED', 'yes', 'true or false'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/nowhere/ca.pem', 'file that is there'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'garbage', 'name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=1,,b=2', 'name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=1', 'name=value'],
  ])('is refused where %s is %p', (name, value, rule) => {
    expect(problemsOf({ ...collector, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: .*${rule}.*"${value}"`)),
    ]);
  });

  test('of which two things are wrong is refused with both', () => {
    expect(problemsOf({ ...collector, OTEL_TRACES_SAMPLER: 'no', OTEL_BSP_SCHEDULE_DELAY: '-1' })).toHaveLength(2);
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer a.b==, x-scope = 1'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment=test,empty='],
    ['OTEL_SDK_DISABLED', 'False'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', import.meta.filename],
  ])('may have %s=%s', (name, value) => expect(problemsOf({ ...collector, [name]: value })).toEqual([]));

  test.each(['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'])(
    'does not repeat %s where they are no headers',
    (name) => {
      const problems = problemsOf({ ...collector, [name]: 'Bearer secret' });
      expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: .*name=value`))]);
      expect(problems.join()).not.toContain('secret');
    },
  );

  test('shows no credentials when it is refused', () => {
    const problems = problemsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector://user:secret@host' });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('secret');
  });
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readTracingEnv(env);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
  }
  return [];
}
