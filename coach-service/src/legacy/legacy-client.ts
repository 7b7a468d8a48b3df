import type { Readable } from 'node:stream';
import { Pool, errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { GiveUp } from './call-scope.ts';
import type { Caller } from './caller.ts';
import type { LegacyFailure } from './legacy-failure.ts';

export type LegacyEndpoint = 'catalogue' | 'history';

export type LegacyRequest<Value> = {
  endpoint: LegacyEndpoint;
  /** Path and query. */
  path: string;
  schema: z.ZodType<Value>;
  /** A larger answer is refused. */
  maxBytes: number;
  /** What an earlier answer said; asked is then only whether it still holds. */
  known?: { value: Value; etag: string } | undefined;
  caller: Caller;
  /** Aborted with a `GiveUp` as its reason. */
  signal: AbortSignal;
};

export type LegacyAnswer<Value> =
  /** `revalidated`: the value is the known one, which the monolith confirmed. */
  { kind: 'ok'; value: Value; etag: string | undefined; revalidated: boolean } | LegacyFailure;

/** One call has ended. */
export type CallReport = { endpoint: LegacyEndpoint; answer: LegacyAnswer<unknown>; seconds: number };

export type LegacyClientOptions = {
  /** Origin. */
  url: string;
  connections: number;
  connectTimeoutMs: number;
  /** Bounds headers and body apart; callers bound the whole with their signal. */
  answerTimeoutMs: number;
  clock: Clock;
  report: (call: CallReport) => void;
};

/** Calls the monolith over pooled connections: bounded, never redirected, every failure a value. */
export class LegacyClient {
  readonly #pool: Pool;
  readonly #options: LegacyClientOptions;
  #inFlight = 0;

  constructor(options: LegacyClientOptions) {
    this.#options = options;
    this.#pool = new Pool(options.url, {
      connections: options.connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: options.connectTimeoutMs },
      headersTimeout: options.answerTimeoutMs,
      bodyTimeout: options.answerTimeoutMs,
    });
  }

  /** Calls that have not ended, those that wait for a connection included. */
  get inFlight(): number {
    return this.#inFlight;
  }

  async get<Value>(request: LegacyRequest<Value>): Promise<LegacyAnswer<Value>> {
    const { clock, report } = this.#options;
    const startedAt = clock.elapsedMs();
    this.#inFlight++;
    const answer = await this.#call(request).catch((error: unknown) => failureOf(error, request.signal));
    this.#inFlight--;
    report({ endpoint: request.endpoint, answer, seconds: (clock.elapsedMs() - startedAt) / 1000 });
    return answer;
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #call<Value>(request: LegacyRequest<Value>): Promise<LegacyAnswer<Value>> {
    const { path, known, caller, signal } = request;
    const headers = known ? { ...caller, 'if-none-match': known.etag } : caller;
    const response = await this.#pool.request({ method: 'GET', path, headers, signal });
    const { statusCode } = response;
    if (statusCode === 200) return await readAnswer(response, request);
    await response.body.dump({ limit: MAX_DUMPED_BYTES });
    if (statusCode === 304 && known) return { kind: 'ok', ...known, revalidated: true };
    if (statusCode === 401 || statusCode === 403) return { kind: 'refused' };
    const why = `GET ${path.split('?', 1)[0]} answered ${statusCode}`;
    return statusCode === 429 || statusCode >= 500 ? { kind: 'unavailable', why } : { kind: 'malformed', why };
  }
}

/** What is read of an answer that is not wanted, so that its connection can be used again. */
const MAX_DUMPED_BYTES = 65_536;

async function readAnswer<Value>(
  { headers, body }: Dispatcher.ResponseData,
  { endpoint, schema, maxBytes }: LegacyRequest<Value>,
): Promise<LegacyAnswer<Value>> {
  const text = await readText(body, maxBytes);
  if (text === undefined) return { kind: 'malformed', why: `the ${endpoint} is larger than ${maxBytes} bytes` };
  const json = parseJson(text);
  if (json === undefined) return { kind: 'malformed', why: `the ${endpoint} is not JSON` };
  const result = schema.safeParse(json);
  if (!result.success) return { kind: 'malformed', why: `the ${endpoint} at ${firstIssue(result.error)}` };
  const etag = typeof headers.etag === 'string' ? headers.etag : undefined;
  return { kind: 'ok', value: result.data, etag, revalidated: false };
}

/** UTF-8 text; undefined if it is longer than `maxBytes`, the rest unread and its connection closed. */
function readText(body: Readable, maxBytes: number): Promise<string | undefined> {
  // By events: an asynchronous iterator costs as much as the rest of the call.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      resolve(undefined);
      body.destroy();
    });
    body.once('end', () => resolve(Buffer.concat(chunks).toString()));
    body.once('error', reject);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstIssue({ issues }: z.ZodError): string {
  const [first] = issues;
  const where = first?.path.map(String).join('.') || 'its root';
  return `${where}: ${first?.message ?? 'is wrong'}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}`;
}

function failureOf(error: unknown, signal: AbortSignal): LegacyFailure {
  if (signal.aborted) return { kind: signal.reason as GiveUp };
  if (error instanceof errors.HTTPParserError) return { kind: 'malformed', why: 'what it sent is not HTTP' };
  const { code = (error as Error).name } = error as NodeJS.ErrnoException;
  return code.endsWith('_TIMEOUT') ? { kind: 'timeout' } : { kind: 'unavailable', why: code };
}
