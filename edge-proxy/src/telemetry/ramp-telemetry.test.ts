import { expect, test } from '@jest/globals';
import { createLogger } from '@fit/service-kit/logger';
import { Registry } from 'prom-client';
import { initialState } from '../domain/route-state.ts';
import { NOBODY } from '../domain/weight.ts';
import { createRampTelemetry } from './ramp-telemetry.ts';

const state = initialState('wod', NOBODY, new Date());

test('a ramp that turns back, or that nobody could be told of, wakes a person; one that goes on does not', async () => {
  const lines: { level: string; decision?: string }[] = [];
  const logger = createLogger('edge-proxy', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const registry = new Registry();
  const events = createRampTelemetry(logger, registry);
  for (const kind of ['advance', 'wait', 'complete', 'roll-back', 'freeze'] as const) {
    events.decided(state, { kind, sentence: 'why', verdicts: [] });
  }
  events.undecided(state, { kind: 'advance', sentence: 'why', verdicts: [] }, new Error('full'));
  events.notified(state, 'delivered');
  events.notified(state, 'given-up');
  events.leads(3);
  events.drilled('wod', 87);
  events.rolledBack('wod', 87);
  expect(lines.map(({ level, decision }) => [decision, level === 'error'])).toEqual([
    ['advance', false],
    ['wait', false],
    ['complete', false],
    ['roll-back', true],
    ['freeze', true],
    // It is made anew.
    ['advance', false],
    [undefined, true],
    [undefined, false],
    [undefined, false],
  ]);
  const metrics = await registry.metrics();
  expect(metrics).toMatch(/edge_ramp_decisions_total{route="wod",kind="roll-back"} 1/);
  expect(metrics).toMatch(/edge_notifications_total{route="wod",outcome="given-up"} 1/);
  expect(metrics).toMatch(/edge_rollback_drill_seconds{route="wod"} 0\.087/);
  expect(metrics).toMatch(/edge_rollback_duration_seconds_bucket{route="wod",le="0.05"} 0/);
  expect(metrics).toMatch(/edge_rollback_duration_seconds_bucket{route="wod",le="0.1"} 1/);
});
