import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { misspeltVariables } from './misspelt-variables.ts';

test('what is one slip away from a variable is noticed, unless the route file names it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'misspelt-'));
  const file = join(folder, 'edge.yaml');
  writeFileSync(file, 'upstreams: { second: { url: "${COACH2_URL}" } }');
  const variables = { COACH2_URL: 'http://second', COACHE_URL: 'http://slip', EDGE_CONFG: file };
  expect(misspeltVariables({ variables, EDGE_CONFIG: file })).toEqual([
    { variable: 'COACHE_URL', meant: 'COACH_URL' },
    { variable: 'EDGE_CONFG', meant: 'EDGE_CONFIG' },
  ]);
  rmSync(folder, { recursive: true });
});
