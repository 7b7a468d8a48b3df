import { existsSync } from 'node:fs';
import { envText, parseEnv } from '@fit/service-kit/env';
import { z } from 'zod';

/** The samplers of OpenTelemetry's specification that need nothing else. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

const MOST_MS = 300_000;
const PROTOCOL = z.literal('http/json', 'must be http/json, the one that is spoken here').optional();
/** What cannot be read as such OpenTelemetry's packages leave out without a word. */
const PAIRS = z
  .string()
  .regex(/^\s*[^\s=,;]+\s*=[^,]*(?:,\s*[^\s=,;]+\s*=[^,]*)*$/, 'must be name=value,name=value,…')
  .optional();

/** OpenTelemetry's own variables. Headers, the certificate and resource attributes are checked here and read by its packages. */
const SHAPE = {
  OTEL_EXPORTER_OTLP_ENDPOINT: envText.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: envText.url().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: PROTOCOL,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: PROTOCOL,
  OTEL_EXPORTER_OTLP_TIMEOUT: envText.wholeNumber(1, MOST_MS).optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: envText.wholeNumber(1, MOST_MS).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: PAIRS,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: PAIRS,
  OTEL_EXPORTER_OTLP_CERTIFICATE: z
    .string()
    .refine((file) => existsSync(file), 'must be a file that is there')
    .optional(),
  OTEL_RESOURCE_ATTRIBUTES: PAIRS,
  OTEL_SDK_DISABLED: z
    .string()
    .regex(/^(?:true|false)$/i, 'must be true or false')
    .optional(),
  OTEL_TRACES_EXPORTER: z.literal('otlp', 'must be otlp or none').default('otlp'),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(?:0|1|[01]?\.\d{1,9})$/, 'must be a share from 0 to 1')
    .transform(Number)
    .refine((share) => share <= 1, 'must be a share from 0 to 1')
    .default(1),
  OTEL_BSP_SCHEDULE_DELAY: envText.wholeNumber(1, MOST_MS).default(5000),
  OTEL_BSP_EXPORT_TIMEOUT: envText.wholeNumber(1, MOST_MS).default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: envText.wholeNumber(1, 100_000).default(2048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: envText.wholeNumber(1, 100_000).default(512),
};

export type TracingConfig = {
  /** Where spans are sent, for the log: no path, no credentials. */
  collector: string;
  sampler: SamplerName;
  /** Of new traces, for the samplers that take a share. */
  share: number;
  batch: { delayMs: number; timeoutMs: number; maxQueue: number; maxBatch: number };
};

/** @throws EnvError naming every variable that is wrong */
export function readTracingEnv(variables: NodeJS.ProcessEnv): TracingConfig {
  const env = parseEnv(SHAPE, variables);
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    collector: new URL(endpoint!).origin,
    sampler: env.OTEL_TRACES_SAMPLER,
    share: env.OTEL_TRACES_SAMPLER_ARG,
    batch: {
      delayMs: env.OTEL_BSP_SCHEDULE_DELAY,
      timeoutMs: env.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueue: env.OTEL_BSP_MAX_QUEUE_SIZE,
      maxBatch: Math.min(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, env.OTEL_BSP_MAX_QUEUE_SIZE),
    },
  };
}
