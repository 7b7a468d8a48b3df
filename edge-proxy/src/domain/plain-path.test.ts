import { expect, test } from '@jest/globals';
import { plainPath } from './plain-path.ts';

test.each([
  '/metrics',
  '//metrics',
  '/metrics/',
  '/METRICS',
  '/%6detrics',
  '/%6Detrics',
  '/%256detrics',
  '/./metrics',
  '/x/../metrics',
  '/x/%2e%2e/metrics',
  '/metrics;a=b',
  '/metrics%3fa=b',
  '/metrics%00',
  '/metrics%20',
  '/\\metrics',
  '/%5cmetrics',
  '/%2fmetrics',
  '/../metrics/.',
])('%s may be /metrics', (path) => {
  expect(plainPath(path)).toBe('/metrics');
});

test.each(['/', '/fitness/wod', '/metrics2', '/a/metrics', '/metrics/x', '/m%65trics/x'])('%s may not', (path) => {
  expect(plainPath(path)).not.toBe('/metrics');
});
