import { setTimeout as passed } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { answeringAs } from '../edge-under-test.ts';
import type { EdgeUnderTest, RequestOptions } from '../edge-under-test.ts';

/** `EDGE_FAILING=full` runs the long versions: minutes, for a calm machine. */
export const isFull = process.env['EDGE_FAILING'] === 'full';
if (isFull) jest.setTimeout(180_000);

/** What became of one request. Times are of `performance.now()`. */
export type Sent = {
  id: string;
  sentAt: number;
  endedAt: number;
  /** 0: the connection ended without an answer. */
  status: number;
  body: string;
  servedBy: string | undefined;
  /** `X-Edge-Fallback`. */
  reason: string | undefined;
  retryAfter: string | undefined;
};

export type Load = { perSecond: number; seconds: number; path?: string; options?: RequestOptions };

let ids = 0;

/** Sends one request under an id of its own; never rejects. */
export async function sendOne(edge: EdgeUnderTest, path = '/fitness/wod', options: RequestOptions = {}): Promise<Sent> {
  const id = `request-${++ids}`;
  const sentAt = performance.now();
  const headers = { ...(options.headers as Record<string, string>), 'x-request-id': id };
  const answer = await edge.get(path, { ...options, headers }).catch(() => undefined);
  const field = (name: string) => answer?.headers[name] as string | undefined;
  return {
    id,
    sentAt,
    endedAt: performance.now(),
    status: answer?.status ?? 0,
    body: answer?.body ?? '',
    servedBy: field('x-served-by'),
    reason: field('x-edge-fallback'),
    retryAfter: field('retry-after'),
  };
}

/** Sends at a fixed rate whatever comes back (open loop), and resolves with all that came of it, in order of sending. */
export async function offer(edge: EdgeUnderTest, { perSecond, seconds, path, options }: Load): Promise<Sent[]> {
  const startedAt = performance.now();
  const sent: Promise<Sent>[] = [];
  while (sent.length < perSecond * seconds) {
    const earlyMs = startedAt + (sent.length * 1000) / perSecond - performance.now();
    if (earlyMs > 0) await passed(earlyMs);
    sent.push(sendOne(edge, path, options));
  }
  return await Promise.all(sent);
}

/** Sends one request after the other until one of them satisfies. */
export async function sendUntil(edge: EdgeUnderTest, satisfies: (sent: Sent) => boolean): Promise<Sent[]> {
  const sent: Sent[] = [];
  do {
    if (sent.length > 0) await passed(20);
    sent.push(await sendOne(edge));
  } while (!satisfies(sent.at(-1)!));
  return sent;
}

/** When calls arrived, by request id. */
export type Arrivals = Map<string, number[]>;

/** Notes from now on when each call arrives at a recorder. */
export function noteArrivals(recorder: Recorder, behaviour: Behaviour = answeringAs('legacy')): Arrivals {
  const arrivals: Arrivals = new Map();
  recorder.behave((request, res) => {
    const id = String(request.headers['x-request-id']);
    arrivals.set(id, [...(arrivals.get(id) ?? []), performance.now()]);
    return behaviour(request, res);
  });
  return arrivals;
}

export const callsOf = (arrivals: Arrivals, sent: readonly Sent[]): number =>
  sent.reduce((sum, { id }) => sum + (arrivals.get(id)?.length ?? 0), 0);

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

export const durationsOf = (sent: readonly Sent[]): number[] => sent.map(({ sentAt, endedAt }) => endedAt - sentAt);

/** How many of each: the shortest way to say in a failed test what happened. */
export function tally(values: readonly (string | number | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

/** Sum of the series of a metric on the admin port that have these labels; undefined if there is none. */
export async function metric(edge: EdgeUnderTest, name: string, labels: Record<string, string>) {
  const text = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const series = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((pair) => line.includes(pair)));
  if (series.length === 0) return undefined;
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

export type BreakerName = 'answers' | 'reachability';

/** 0 closed, 1 half open, 2 open. */
export const breakerState = async (edge: EdgeUnderTest, upstream: string, breaker: BreakerName = 'answers') =>
  await metric(edge, 'edge_breaker_state', { upstream, breaker });
