import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@fit/service-kit/logger';
import { request } from 'undici';
import type { Notifier, RouteNotification } from '../control-plane/notifier.ts';
import { webhookBody, webhookSignature } from './webhook-payload.ts';
import type { WebhookFormat } from './webhook-payload.ts';
import { pauseMs, receptionOf } from './webhook-retry.ts';
import type { Reception } from './webhook-retry.ts';

export type WebhookOptions = {
  /** `http` or `https`. Whoever knows Slack's may write there: only its origin is ever logged. */
  url: string;
  /** What requests are signed with; undefined: they are not. */
  secret: string | undefined;
  format: WebhookFormat;
  logger: Logger;
  /** For a whole attempt; default 5,000. */
  timeoutMs?: number;
  time?: WebhookTime;
};

/** The world's time and chance, as a test may want them. */
export type WebhookTime = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** In [0, 1). */
  random(): number;
};

const REAL_TIME: WebhookTime = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined),
  random: Math.random,
};

/** No attempt begins later after the first one. */
const PATIENCE_MS = 600_000;
/** Of an answer; a longer one is cut. */
const MAX_ANSWER_BYTES = 16_384;

/** What came of one attempt. `why` is a status or the code of an error. */
type Attempted = { reception: Reception; why: string | number; retryAfter: string | undefined };

/**
 * Tells a web server what happened, with a POST that is repeated for ten minutes while it cannot be delivered: it may arrive
 * more than once, and later than one that was sent after it. docs/webhooks.md is for those who receive it.
 */
export class Webhook implements Notifier {
  readonly #options: Required<WebhookOptions>;
  /** Of the URL all that may be told. */
  readonly #origin: string;

  constructor(options: WebhookOptions) {
    this.#options = { timeoutMs: 5000, time: REAL_TIME, ...options };
    this.#origin = new URL(options.url).origin;
  }

  async notify(event: RouteNotification, signal?: AbortSignal): Promise<'delivered' | 'given-up'> {
    const { format, time } = this.#options;
    const body = webhookBody(format, event);
    const startedAt = time.now();
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const { reception, why, retryAfter } = await this.#attempt(event.id, body, signal);
      if (reception === 'delivered') return this.#delivered(event, attempt);
      const now = time.now();
      const waitMs = pauseMs(attempt, retryAfter, { now, random: time.random() });
      if (reception === 'refused' || now + waitMs - startedAt > PATIENCE_MS) return this.#gaveUp(event, attempt, why);
      if (attempt === 1) this.#warn(event, { why }, 'the webhook was not delivered; it is tried again');
      await time.sleep(waitMs, signal);
    }
  }

  /** @throws the reason of the signal, and nothing else */
  async #attempt(id: string, body: string, signal: AbortSignal | undefined): Promise<Attempted> {
    const { url, timeoutMs } = this.#options;
    const inTime = AbortSignal.timeout(timeoutMs);
    const ended = signal ? AbortSignal.any([signal, inTime]) : inTime;
    try {
      const headers = this.#headers(id, body);
      // A connection of its own: the next notification is minutes away. Redirects are not followed.
      const answer = await request(url, { method: 'POST', headers, body, signal: ended, reset: true });
      // What it says is of no interest, whether or not it can be read.
      await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal: ended }).catch(() => undefined);
      const retryAfter = answer.headers['retry-after'];
      return {
        reception: receptionOf(answer.statusCode),
        why: answer.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      };
    } catch (error) {
      signal?.throwIfAborted();
      return { reception: 'retry', why: reasonOf(error), retryAfter: undefined };
    }
  }

  #headers(id: string, body: string): Record<string, string> {
    const { secret, time } = this.#options;
    const unsigned = { 'content-type': 'application/json', 'user-agent': 'strangler-edge', 'x-edge-event-id': id };
    if (secret === undefined) return unsigned;
    return { ...unsigned, 'x-edge-signature': webhookSignature(secret, Math.floor(time.now() / 1000), body) };
  }

  #delivered(event: RouteNotification, attempts: number): 'delivered' {
    const facts = { webhook: this.#origin, event: event.id, kind: event.kind, attempts };
    this.#options.logger.info(facts, 'the webhook was delivered');
    return 'delivered';
  }

  #gaveUp(event: RouteNotification, attempts: number, why: string | number): 'given-up' {
    this.#warn(event, { why, attempts }, 'the webhook was not delivered, and is given up');
    return 'given-up';
  }

  #warn({ id, kind }: RouteNotification, facts: object, message: string): void {
    this.#options.logger.warn({ webhook: this.#origin, event: id, kind, ...facts }, message);
  }
}

/** A code alone: messages of errors may hold the URL. */
function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: unknown };
  return typeof code === 'string' ? code : (name ?? 'Error');
}
