import type {
  GateView,
  ParityView,
  RampView,
  RetirementView,
  RouteView,
  VerdictView,
} from '@fit/edge-proxy/admin-api/schemas';
import type { Page } from 'playwright-core';
import type { DashboardUnderTest } from './dashboard-under-test.ts';

/** Answers with all that the page can show of a migration, long words and markup among it. */
const AT = new Date().toISOString();
const MARKUP = `<img src=x onerror="document.title=1"><b>bold</b> ${'x'.repeat(200)}`;

const GATES: GateView[] = [
  { gate: 'failed', verdict: 'pass', sentence: 'At most 0.31 % of people met a failure.', numbers: { units: 4212 } },
  { gate: 'slow', verdict: 'fail', sentence: 'At least 8.6 % of people waited too long.', numbers: { units: 4212 } },
  { gate: 'share', verdict: 'not-enough-data', sentence: 'Too few people were seen.', numbers: {} },
  { gate: 'failed-relative', verdict: 'not-applicable', sentence: 'Nobody is on the old side.', numbers: {} },
];

const RAMP: RampView = {
  plan: {
    steps: '1 % for 10 m, 40 % for 1 h manual, 100 %',
    on_fail: 'rollback',
    judged_by: 'people',
    minimum_users: 20,
  },
  phase: 'running',
  step: 2,
  steps: [
    { weight: 1, bake_seconds: 600, approve: 'auto' },
    { weight: 40, bake_seconds: 3600, approve: 'manual' },
    { weight: 100, bake_seconds: 0, approve: 'auto' },
  ],
  started_at_revision: 1,
  step_since: AT,
  baked: false,
};

const VERDICT: VerdictView = {
  route: 'wod',
  judged: true,
  at: AT,
  weight: 40,
  epoch: 1,
  gates: GATES,
  decision: { kind: 'hold', sentence: 'It stays at 40 %.' },
  is_leading: false,
};

const PARITY: ParityView = {
  route: 'wod',
  mirror_share: 10,
  since_revision: 1,
  compared: 12_430,
  differing: 3,
  skipped: { 'too-long': 2 },
  differing_at_most: 0.12,
  sentence: '12,430 compared, 3 unexplained, at most 0.12 % with 99 % confidence.',
  fields: [
    { field: 'body.name', pairs: 3, samples: [{ at: AT, request_id: 'r-1', old: '"Squat"', new: MARKUP }] },
    { field: `body.${'y'.repeat(120)}`, pairs: 1, samples: [{ at: AT, request_id: 'r-2', old: '1', new: null }] },
  ],
  live: { old: { checked: 10, broken: 0, rules: {} }, new: { checked: 10, broken: 1, rules: { six: 1 } } },
};

const RETIREMENT: RetirementView = {
  route: 'wod',
  retired: false,
  may_go: false,
  conditions: [
    { name: 'full', met: false, evidence: 'The route is at 40 %.' },
    { name: 'drilled', met: true, evidence: 'A rollback took 212 ms.' },
  ],
  last_served: { weight: AT, fallback: null, override: null, direct: AT },
};

/** From then on the page hears of a migration with a ramp under way and differences found; `route` is changed by `members`. */
export async function tellOfMigration(
  dashboard: DashboardUnderTest,
  page: Page,
  members: Partial<RouteView> = {},
): Promise<void> {
  await page.route('**/parity', (call) => call.fulfill({ json: PARITY }));
  await page.route('**/retirement', (call) => call.fulfill({ json: RETIREMENT }));
  const route: RouteView = { ...(await dashboard.route()), mirror_share: 10, ramp: RAMP, ...members };
  await dashboard.tell(page, { routes: [route], verdicts: { wod: VERDICT } });
}
