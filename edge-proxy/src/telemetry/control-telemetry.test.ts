import { expect, test } from '@jest/globals';
import { createLogger } from '@fit/service-kit/logger';
import { Registry } from 'prom-client';
import { initialState } from '../domain/route-state.ts';
import { NOBODY } from '../domain/weight.ts';
import { createControlTelemetry } from './control-telemetry.ts';

test('damage that is found each second is counted each time, and told once until it is put right', async () => {
  const lines: string[] = [];
  const logger = createLogger('edge-proxy', 'error', { write: (line) => void lines.push(line) });
  const registry = new Registry();
  const events = createControlTelemetry(logger, registry);
  const find = (route: string) => events.damaged({ route, why: 'damaged', detail: 'its checksum does not match' });
  for (let second = 0; second < 10; second++) find('wod');
  find('plan');
  events.repaired(initialState('wod', NOBODY, new Date()), 'damaged');
  find('wod');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ route: 'wod' }, { route: 'plan' }, { route: 'wod' }]);
  expect(await registry.metrics()).toContain('edge_store_damages_total{route="wod",why="damaged"} 11');
});
