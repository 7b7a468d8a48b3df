import { setTimeout as delay } from 'node:timers/promises';
import { Complaint } from '@fit/service-kit/complaint';
import { LOG_LEVELS } from '@fit/service-kit/env';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { switchOnTracing } from '@fit/service-kit/tracing';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ownPackage } from './own-package.ts';
import { samplerOf } from './sampler.ts';
import { traceOutgoingCalls } from './trace-outgoing-calls.ts';
import { readTracingEnv } from './tracing-env.ts';
import type { TracingConfig } from './tracing-env.ts';

/** At its end a process waits so long for the collector. */
const FLUSH_MS = 2000;
/** Batches that are on their way at a time; a collector that hangs costs no more memory than these and the queue. */
const MOST_EXPORTS = 4;
/** Of a statement in SQL, the longest attribute there is. */
const LONGEST_VALUE = 4096;
const LONGEST_COMPLAINT = 200;

/**
 * Registers OpenTelemetry: from here on the process's parts make spans, which are sent in batches beside its work. A
 * collector that refuses, hangs or answers garbage costs spans, and a line in the log a minute.
 *
 * @throws EnvError if a variable is wrong
 */
export function startTracing(env: NodeJS.ProcessEnv): void {
  const config = readTracingEnv(env);
  const own = ownPackage(process.argv[1]);
  const level = LOG_LEVELS.find((each) => each === env['LOG_LEVEL']) ?? 'info';
  const logger = createLogger(own.name, level);
  complainTo(logger);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': own.name, 'service.version': own.version }).merge(namedByEnv()),
    sampler: samplerOf(config.sampler, config.share),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [createProcessor(config)],
  });
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  api.trace.setGlobalTracerProvider(provider);
  traceOutgoingCalls();
  switchOnTracing({ api, flush: async () => await flush(provider) });
  logger.info({ collector: config.collector, sampler: config.sampler }, 'traces are sent');
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES. */
function namedByEnv(): Resource {
  return detectResources({ detectors: [envDetector] });
}

function createProcessor({ batch }: TracingConfig): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ concurrencyLimit: MOST_EXPORTS }),
    scheduledDelayMillis: batch.delayMs,
    exportTimeoutMillis: batch.timeoutMs,
    maxQueueSize: batch.maxQueue,
    maxExportBatchSize: batch.maxBatch,
  });
}

async function flush(provider: TracerProvider): Promise<void> {
  // What goes wrong has been complained of.
  const sent = provider.shutdown().catch(() => undefined);
  await Promise.race([sent, delay(FLUSH_MS)]);
}

/** Of what OpenTelemetry says only the message: beside it there may be whatever a collector answered. */
function complainTo(logger: Logger): void {
  const complaint = new Complaint(logger, 'traces cannot be sent as they should');
  const complain = (why: string) => complaint.add({ why: why.slice(0, LONGEST_COMPLAINT) });
  const silent = () => undefined;
  const logs = { error: complain, warn: complain, info: silent, debug: silent, verbose: silent };
  api.diag.setLogger(logs, { logLevel: api.DiagLogLevel.WARN });
  setGlobalErrorHandler((error) => complain(typeof error === 'string' ? error : messageOf(error)));
}

/** A status may have no text, and an error of several addresses no message. */
function messageOf({ name = 'an error', message, code }: { name?: string; message?: string; code?: unknown }): string {
  return `${message || name}${typeof code === 'string' || typeof code === 'number' ? `, ${code}` : ''}`;
}
