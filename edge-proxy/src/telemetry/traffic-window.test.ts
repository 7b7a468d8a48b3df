import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestRecord } from '../data-plane/pipeline.ts';
import type { Route } from '../data-plane/routing.ts';
import { noTraffic } from '../domain/traffic.ts';
import { TrafficWindow } from './traffic-window.ts';

const served: RequestRecord = {
  route: { name: 'wod' } as Route,
  assignment: { side: 'new', by: 'weight' },
  method: 'GET',
  requestId: 'a',
  status: 200,
  servedBy: undefined,
  madeBy: undefined,
  fallback: undefined,
  withheld: undefined,
  fault: undefined,
  durationMs: 12,
  upstreamMs: 11,
  hash: 0,
  requestBytes: 0,
  responseBytes: 100,
};

let nowMs: number;
let window: TrafficWindow;

beforeEach(() => {
  nowMs = 1_000_000;
  window = new TrafficWindow(10_000, () => nowMs);
});

describe('a request', () => {
  test.each<[string, Partial<RequestRecord>, object]>([
    ['that was answered', {}, { requests: 1, failed: 0, saved: 0 }],
    ['whose answer is a 4xx', { status: 404 }, { requests: 1, failed: 0, saved: 0 }],
    ['whose answer is a 5xx', { status: 502 }, { requests: 1, failed: 1, saved: 0 }],
    ['that was cut', { fault: 'reset' }, { requests: 1, failed: 1, saved: 0 }],
    ['whose client left', { status: undefined, fault: 'client-left' }, { requests: 1, failed: 0, saved: 0 }],
    ['that was saved', { fallback: 'refused' }, { requests: 1, failed: 0, saved: 1 }],
    ['that could not be saved', { fallback: 'refused', status: 503 }, { requests: 1, failed: 1, saved: 0 }],
  ])('%s counts on its side', (_, how, counts) => {
    window.add({ ...served, ...how });
    expect(window.of('wod').sides.new).toMatchObject(counts);
    expect(window.of('wod').sides.old).toMatchObject({ requests: 0 });
  });

  test('counts for its own route alone, and not at all where there is none', () => {
    window.add(served);
    window.add({ ...served, route: undefined });
    window.add({ ...served, assignment: undefined });
    expect(window.of('wod').sides.new.requests).toBe(1);
    expect(window.of('history')).toEqual(noTraffic());
  });

  test('is told with why it was saved or could not be', () => {
    window.add({ ...served, fallback: 'reset' });
    window.add({ ...served, fallback: 'reset' });
    window.add({ ...served, withheld: 'budget-spent', status: 503 });
    expect(window.of('wod')).toMatchObject({ fallbacks: { reset: 2 }, withheld: { 'budget-spent': 1 } });
  });

  test('is forgotten after ten seconds, and no sooner than after nine', () => {
    window.add(served);
    nowMs += 9000;
    window.add(served);
    expect(window.of('wod').sides.new.requests).toBe(2);
    nowMs += 1000;
    expect(window.of('wod').sides.new.requests).toBe(1);
    nowMs += 3_600_000;
    expect(window.of('wod')).toEqual(noTraffic());
  });
});
