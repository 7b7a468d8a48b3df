import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { chromium } from 'playwright-core';
import { ensureDashboard } from '../build.ts';
import { startDashboardUnderTest } from './dashboard-under-test.ts';
import type { DashboardUnderTest, OpenOptions } from './dashboard-under-test.ts';

/**
 * `node edge-proxy/dashboard/test/screenshots.ts [FOLDER]`: the pictures in `docs/`, or in another folder, of a real edge under
 * two minutes of traffic.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const FOLDER = positionals[0] ?? join(import.meta.dirname, '..', '..', '..', 'docs');
const PEOPLE = 2000;
const REQUESTS_PER_SECOND = 40;
const OPS = 'ops@fit.example';

const PICTURES: readonly (OpenOptions & { file: string; height: number })[] = [
  { file: 'dashboard-overview.png', hash: '#/', width: 1280, height: 900 },
  { file: 'dashboard-route.png', hash: '#/routes/wod', width: 1280, height: 1600 },
  { file: 'dashboard-route-dark.png', hash: '#/routes/wod', width: 1280, height: 1600, colorScheme: 'dark' },
  { file: 'dashboard-phone.png', hash: '#/routes/wod', width: 360, height: 2200 },
];

const answering =
  (fastestMs: number, slowestMs: number): Behaviour =>
  async (_request, res) => {
    await wait(fastestMs + (slowestMs - fastestMs) * Math.random() ** 3);
    sendJson(res, {});
  };

const program = await CHROMIUM.find();
if (!program.available) throw new Error(program.reason);
await ensureDashboard();
await mkdir(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: program.value, args: [...QUIET_CHROMIUM] });
{
  await using dashboard = await startDashboardUnderTest(browser);
  const traffic = startTraffic(dashboard);
  await live(dashboard);
  for (const picture of PICTURES) await take(dashboard, picture);
  await traffic.stop();
}
await browser.close();

/** A migration in its first steps, with a few seconds in which the new side fails, and then a ramp. */
async function live(dashboard: DashboardUnderTest): Promise<void> {
  const { edge, change } = dashboard;
  edge.legacy.behave(answering(400, 3000));
  edge.coach.behave(answering(8, 60));
  await wait(20_000);
  await change(OPS, 5, 'First step: five percent for a quarter of an hour');
  await wait(25_000);
  await change('night.shift@fit.example', 10, 'Five percent looked well: p95 under 100 ms, no errors');
  await wait(20_000);
  edge.coach.behave((_request, res) => {
    res.writeHead(503).end();
  });
  await wait(4000);
  edge.coach.behave(answering(8, 60));
  await wait(16_000);
  await order(dashboard, 'mirror', { share: 20, reason: 'Is what both sides answer the same?' });
  const plan = { steps: '10 % for 10 s, 25 % for 10 m, 50 % for 1 h manual, 100 %', minimumUsers: 20 };
  await order(dashboard, 'ramp', { plan, reason: 'The 503s came from a deployment of the coach, which is over' });
  await wait(40_000);
}

async function order({ ask, route, tokenOf }: DashboardUnderTest, what: string, body: object): Promise<void> {
  const { revision } = await route();
  await ask(tokenOf({ actor: OPS, role: 'operator' }), `routes/wod/${what}`, {
    method: 'POST',
    headers: { 'if-match': `"${revision}"` },
    body: JSON.stringify(body),
  });
}

function startTraffic({ edge }: DashboardUnderTest): { stop: () => Promise<void> } {
  const tokens = Array.from({ length: PEOPLE }, (_, person) => edge.tokens.issue({ sub: String(person) }));
  const underWay = new Set<Promise<unknown>>();
  const timer = setInterval(() => {
    const authorization = `Bearer ${tokens[Math.floor(Math.random() * PEOPLE)]}`;
    const asked = edge.get('/fitness/wod', { headers: { authorization } }).catch(() => undefined);
    underWay.add(asked);
    void asked.then(() => underWay.delete(asked));
  }, 1000 / REQUESTS_PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

async function take(dashboard: DashboardUnderTest, picture: (typeof PICTURES)[number]): Promise<void> {
  const { file, height, ...options } = picture;
  const page = await dashboard.open({ ...options, token: dashboard.tokenOf({ actor: OPS, role: 'operator' }) });
  await page.setViewportSize({ width: options.width ?? 1280, height });
  await page.getByRole('cell', { name: /First step/ }).waitFor();
  await wait(1500);
  await page.screenshot({ path: join(FOLDER, file) });
  await page.context().close();
}
