import { expect, test } from '@jest/globals';
import { UpstreamHealth } from './upstream-health.ts';
import type { BreakerName, CallOutcome } from './upstream-health.ts';

const SETTINGS = { failures: 3, percent: 50, minimumCalls: 10, windowMs: 2000, openMs: 1000, maxOpenMs: 4000 };

const after = (outcome: CallOutcome, gate: BreakerName) => {
  const health = new UpstreamHealth(SETTINGS);
  for (let call = 0; call < 3; call++) {
    const permits = health.admit(gate, call);
    if (permits) health.settle(permits, outcome, call);
  }
  return { answers: health.stateAt('answers', 3), reachability: health.stateAt('reachability', 3) };
};

test.each([
  ['answers', 'no-answer', { answers: 'open', reachability: 'open' }],
  ['answers', 'server-error', { answers: 'open', reachability: 'closed' }],
  ['answers', 'too-late', { answers: 'open', reachability: 'closed' }],
  ['answers', 'answered', { answers: 'closed', reachability: 'closed' }],
  ['answers', 'unknown', { answers: 'closed', reachability: 'closed' }],
  ['reachability', 'no-answer', { answers: 'closed', reachability: 'open' }],
  ['reachability', 'server-error', { answers: 'closed', reachability: 'closed' }],
  ['reachability', 'unknown', { answers: 'closed', reachability: 'closed' }],
] as const)('calls through %s that end as %s', (gate, outcome, states) => {
  expect(after(outcome, gate)).toEqual(states);
});

test('what closes answers closes reachability too', () => {
  const health = new UpstreamHealth(SETTINGS);
  for (let call = 0; call < 3; call++) health.settle(health.admit('answers', 0)!, 'no-answer', 0);
  for (let probe = 0; probe < 3; probe++) health.settle(health.admit('answers', 1000)!, 'answered', 1000);
  expect(health.stateAt('answers', 1001)).toBe('closed');
  expect(health.stateAt('reachability', 1001)).toBe('closed');
});

test('what closes reachability says nothing about answers', () => {
  const health = new UpstreamHealth(SETTINGS);
  for (let call = 0; call < 3; call++) health.settle(health.admit('answers', 0)!, 'no-answer', 0);
  for (let probe = 0; probe < 3; probe++) health.settle(health.admit('reachability', 1000)!, 'answered', 1000);
  expect(health.stateAt('reachability', 1001)).toBe('closed');
  expect(health.stateAt('answers', 1001)).toBe('half-open');
});
