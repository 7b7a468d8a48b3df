import { parseArgs } from 'node:util';
import { buildDashboard, ensureDashboard } from '@fit/dashboard/build';

/** `npm run build`: the dashboard, the one part that does not run as it is written. `--if-needed`: unless it is newer than its sources. */
const { values } = parseArgs({ options: { 'if-needed': { type: 'boolean' } } });
const startedAt = performance.now();
await (values['if-needed'] ? ensureDashboard() : buildDashboard());
process.stdout.write(
  `edge-proxy/dashboard/dist is there after ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`,
);
