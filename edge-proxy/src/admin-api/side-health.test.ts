import { describe, expect, test } from '@jest/globals';
import type { SeenReplica, UpstreamReport } from '../control-plane/route-store.ts';
import type { BreakerState } from '../domain/breaker.ts';
import { edgesWithoutFallbackTo, sideHealth } from './side-health.ts';

const report = (answers: BreakerState, reachability: BreakerState, inFlight = 0) => ({
  answers,
  reachability,
  inFlight,
});

function replica(coach: UpstreamReport | undefined, seenMsAgo = 0): SeenReplica {
  return {
    id: 'edge-1',
    incarnation: 'a',
    startedAt: '2026-03-01T02:00:00.000Z',
    seenMsAgo,
    routes: {},
    upstreams: coach ? { coach } : {},
  };
}

describe('one edge', () => {
  test.each<[BreakerState, BreakerState, new_: string, old: string]>([
    ['closed', 'closed', 'healthy', 'healthy'],
    ['half-open', 'closed', 'probing', 'healthy'],
    ['open', 'closed', 'failing', 'healthy'],
    ['closed', 'half-open', 'probing', 'probing'],
    ['open', 'half-open', 'failing', 'probing'],
    ['half-open', 'open', 'failing', 'failing'],
    ['open', 'open', 'failing', 'failing'],
  ])('answers %s, reachability %s: as new side %s, as old side %s', (answers, reachability, asNew, asOld) => {
    const replicas = [replica(report(answers, reachability))];
    expect(sideHealth('new', 'coach', replicas).state).toBe(asNew);
    expect(sideHealth('old', 'coach', replicas).state).toBe(asOld);
    expect(edgesWithoutFallbackTo('coach', replicas)).toBe(answers === 'open' ? 1 : 0);
  });
});

test('of several edges the worst counts, and calls add up', () => {
  const replicas = [
    replica(report('closed', 'closed', 3)),
    replica(report('half-open', 'closed', 4)),
    replica(report('open', 'open', 5)),
  ];
  expect(sideHealth('new', 'coach', replicas)).toEqual({
    upstream: 'coach',
    state: 'failing',
    failing_on: 2,
    in_flight: 12,
  });
});

test('what a silent edge said last, and edges that do not know the upstream, say nothing', () => {
  const replicas = [replica(report('open', 'open', 9), 3001), replica(undefined)];
  expect(sideHealth('new', 'coach', replicas)).toEqual({
    upstream: 'coach',
    state: 'healthy',
    failing_on: 0,
    in_flight: 0,
  });
  expect(sideHealth('new', 'coach', [replica(report('open', 'open'), 3000)]).state).toBe('failing');
});
