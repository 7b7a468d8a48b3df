import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { parseSelector } from '../domain/counter-selector.ts';
import { sumOf } from './prometheus-text.ts';

export type ScrapeTarget = {
  /** `http://127.0.0.1:3000` */
  origin: string;
  /** Path and query. */
  path: string;
  /** Bearer token. */
  token?: string | undefined;
};

export type ScrapeLimits = {
  /** For all of it. */
  timeoutMs: number;
  maxBytes: number;
};

/** The text that is published there, or in a word why it could not be had: a status, or the code of an error. */
export type Scraped = { kind: 'text'; text: string } | { kind: 'fault'; fault: string };

const DEFAULT_LIMITS: ScrapeLimits = { timeoutMs: 1000, maxBytes: 4 * 1024 * 1024 };

export type CounterScraperOptions = Partial<ScrapeLimits> & {
  /** For those who let nobody else scrape. */
  token?: string | undefined;
  /** Told of each look that failed. */
  onFault: (target: ScrapeTarget, fault: string) => void;
};

/** Reads counters that others publish for Prometheus, over one connection to each of them that is kept. */
export class CounterScraper {
  readonly #limits: ScrapeLimits;
  readonly #token: string | undefined;
  readonly #onFault: CounterScraperOptions['onFault'];
  readonly #agent = new Agent({ connections: 1, pipelining: 1 });

  constructor({ onFault, token, ...limits }: CounterScraperOptions) {
    this.#token = token;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#onFault = onFault;
  }

  /**
   * One look; each is undefined if that counter is not there or cannot be read.
   *
   * @param selectors `NAME` or `NAME{label="value",…}`
   * @throws RangeError if one of them is none
   */
  async read(target: ScrapeTarget, selectors: readonly string[]): Promise<(number | undefined)[]> {
    const wanted = selectors.map(parseSelector);
    const scraped = await scrape({ ...target, token: this.#token }, this.#limits, this.#agent);
    if (scraped.kind === 'fault') this.#onFault(target, scraped.fault);
    return wanted.map((selector) => (scraped.kind === 'text' ? sumOf(scraped.text, selector) : undefined));
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** One GET. Redirects are not followed. */
export async function scrape(target: ScrapeTarget, limits: ScrapeLimits, dispatcher: Dispatcher): Promise<Scraped> {
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: target.origin,
      path: target.path,
      method: 'GET',
      headers: {
        accept: 'text/plain; version=0.0.4',
        ...(target.token !== undefined && { authorization: `Bearer ${target.token}` }),
      },
      signal: AbortSignal.timeout(limits.timeoutMs),
    });
    const isPlain = headers['content-encoding'] === undefined;
    const text = statusCode === 200 && isPlain ? await textOf(body, limits.maxBytes) : undefined;
    if (text !== undefined) return { kind: 'text', text };
    body.on('error', () => undefined).destroy();
    return { kind: 'fault', fault: statusCode !== 200 ? String(statusCode) : isPlain ? 'too-long' : 'encoded' };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: unknown };
    return { kind: 'fault', fault: typeof code === 'string' ? code : (name ?? 'Error') };
  }
}

/** @returns undefined if it is longer */
async function textOf(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
