import { envText } from '@fit/service-kit/env';
import type { z } from 'zod';
import type { ClientLimits } from '../data-plane/client-limits.ts';

const milliseconds = () => envText.wholeNumber(1, 86_400_000);

/** What clients may take, as the environment says it. */
export const LIMITS = {
  MAX_HEADER_BYTES: envText.wholeNumber(1024, 1_048_576).default(16_384),
  MAX_HEADER_COUNT: envText.wholeNumber(8, 10_000).default(100),
  MAX_TARGET_BYTES: envText.wholeNumber(64, 1_048_576).default(8192),
  HEADER_TIMEOUT_MS: milliseconds().default(10_000),
  REQUEST_TIMEOUT_MS: milliseconds().default(300_000),
  BODY_IDLE_TIMEOUT_MS: milliseconds().default(30_000),
  SEND_TIMEOUT_MS: milliseconds().default(30_000),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds().default(65_000),
  MAX_REQUESTS_PER_CONNECTION: envText.wholeNumber(1, 1_000_000_000).default(10_000),
  MAX_UNANSWERED: envText.wholeNumber(1, 10_000).default(20),
  MAX_CONNECTIONS: envText.wholeNumber(1, 1_000_000).default(16_384),
  MAX_IN_FLIGHT: envText.wholeNumber(1, 1_000_000).default(4096),
};

export function clientLimits(env: z.output<z.ZodObject<typeof LIMITS>>): ClientLimits {
  return {
    maxHeaderBytes: env.MAX_HEADER_BYTES,
    maxHeaderCount: env.MAX_HEADER_COUNT,
    maxTargetBytes: env.MAX_TARGET_BYTES,
    headerTimeoutMs: env.HEADER_TIMEOUT_MS,
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
    bodyIdleTimeoutMs: env.BODY_IDLE_TIMEOUT_MS,
    sendTimeoutMs: env.SEND_TIMEOUT_MS,
    keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT_MS,
    maxRequestsPerConnection: env.MAX_REQUESTS_PER_CONNECTION,
    maxUnanswered: env.MAX_UNANSWERED,
    maxConnections: env.MAX_CONNECTIONS,
    maxInFlight: env.MAX_IN_FLIGHT,
  };
}
