import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ParityView } from '@fit/edge-proxy/admin-api/schemas';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { describeWith } from '@fit/test-kit/components';
import { sendJson } from '@fit/test-kit/recorder';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { ensureBuiltPage } from './built-page.ts';
import { startDashboardUnderTest } from './dashboard-under-test.ts';
import type { DashboardUnderTest } from './dashboard-under-test.ts';
import { seen, until } from './patience.ts';

const ROUTE = '#/routes/wod';
const HTML = '<img src=x onerror=document.title=1><b>bold</b>';

await describeWith(CHROMIUM, 'a migration on the dashboard', (executablePath) => {
  let browser: Browser;
  let dashboard: DashboardUnderTest;
  let operator: string;

  beforeAll(async () => {
    ensureBuiltPage();
    browser = await chromium.launch({ executablePath, args: [...QUIET_CHROMIUM] });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    dashboard = await startDashboardUnderTest(browser);
    operator = dashboard.tokenOf({ actor: 'ops', role: 'operator' });
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await dashboard[Symbol.asyncDispose]();
  });

  test('ramps by a plan of the operator’s own: started, paused, resumed, promoted, seen in the changes', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    const ramp = page.getByRole('region', { name: 'Ramp' });
    await seen(ramp.getByText('No ramp has been started on this route.'));
    await seen(ramp.getByText('Nothing is judged: at 0 % nobody is on the new side.'));
    await ramp.getByRole('button', { name: 'Start a ramp' }).click();
    await order(page, 'off we go', 'Start it');
    await seen(ramp.getByText('Nothing was changed.').filter({ hasText: 'has no plan of its own' }));
    await ramp.getByLabel('One of my own').check();
    await seen(ramp.getByText('Type the steps first.'));
    await ramp.getByLabel('Steps').fill('50 % for 1 h, 10 %');
    await ramp.getByRole('button', { name: 'Start it' }).click();
    await seen(ramp.getByText('Nothing was changed.').filter({ hasText: 'must have weights that ascend' }));
    await ramp.getByLabel('Steps').fill('10 % for 1 h, 50 % for 1 h manual, 100 %');
    await page.route(
      '**/ramp?*',
      async (call) => {
        await dashboard.change('other', 5, 'theirs');
        await call.continue();
      },
      { times: 1 },
    );
    await ramp.getByRole('button', { name: 'Start it' }).click();
    await seen(ramp.getByText('other changed the weight from 0 % to 5 %'));
    await ramp.getByRole('button', { name: 'Keep what I typed, starting from 5 %' }).click();
    await ramp.getByRole('button', { name: 'Start it' }).click();
    await seen(ramp.getByText('Ramp: step 1 of 3 (10 %), running. 1 of 1 edge serves it.'));
    expect(await dashboard.route()).toMatchObject({
      weight: 10,
      ramp: { phase: 'running', step: 1 },
      reason: 'off we go',
    });
    await seen(ramp.getByText('Step 1 of 3, in force since'));
    const steps = ramp.getByRole('listitem').filter({ hasText: /in force|ahead|done/ });
    expect((await steps.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/^▶ 10 % in force bakes for another (59:\d\d|1:00:00)$/),
      '50 % ahead for 1 h promoted by hand',
      '100 % ahead no bake time',
    ]);
    await seen(ramp.getByText('Decision: stay.'));
    const failed = ramp.getByRole('listitem').filter({ has: page.getByText('failed', { exact: true }) });
    await seen(failed.getByText('… not enough data'));
    expect(await failed.getByRole('definition').first().isVisible()).toBe(false);
    await failed.getByText('Numbers').click();
    expect(await failed.getByRole('definition').first().innerText()).toMatch(/^[\d.e-]+$/);

    await ramp.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.press('Enter');
    await seen(ramp.getByText('Say why: the reason goes into the audit log.'));
    await page.keyboard.type('lunch');
    await page.keyboard.press('Enter');
    await seen(ramp.getByText('Ramp: step 1 of 3 (10 %), paused.'));
    await seen(ramp.getByText('stays at this step until somebody resumes it; still judged'));
    await ramp.getByRole('button', { name: 'Resume' }).click();
    await order(page, 'back', 'Resume');
    await seen(ramp.getByText('Ramp: step 1 of 3 (10 %), running.'));
    await ramp.getByRole('button', { name: 'Promote to 50 %' }).click();
    await order(page, 'looks well', 'Promote to 50 %');
    await seen(ramp.getByText('Ramp: step 2 of 3 (50 %), running.'));
    await ramp.getByRole('button', { name: 'Promote to 100 %' }).click();
    await seen(ramp.getByText('legacy then serves nobody on this route.'));
    await page.keyboard.press('Escape');
    expect(await dashboard.route()).toMatchObject({ weight: 50, ramp: { phase: 'running', step: 2 } });
    const changes = page.getByRole('region', { name: 'Changes' });
    await seen(changes.getByText('ramp: running, step 1 → running, step 2'));
    await seen(changes.getByText('ramp: running, step 1 → paused, step 1'));
    await seen(changes.getByText('ramp: none → running, step 1'));
  });

  test('mirrors, and shows where the answers differ as the text that they are', async () => {
    dashboard.edge.coach.behave((_request, res) => sendJson(res, { by: HTML }));
    await dashboard.ask(operator, 'routes/wod/mirror', {
      method: 'POST',
      headers: { 'if-match': '"0"' },
      body: JSON.stringify({ share: 100, reason: 'compare' }),
    });
    await Promise.all([1, 2, 3].map(request));
    await until(async () => ((await dashboard.ask(operator, 'routes/wod/parity')) as ParityView).compared === 3);
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await seen(page.getByText('everybody on legacy, copies to coach'));
    await seen(page.getByText('body.by differs in 3 pairs, 100 % of those compared'));
    const [old, fresh] = ['"legacy"', `"${HTML}"`].map((text) =>
      page.getByRole('definition').filter({ hasText: text }),
    );
    expect(await fresh!.count()).toBe(0);
    await page.getByText('body.by').click();
    await seen(fresh!.first());
    await seen(old!.first());
    expect(await page.locator('main b, main img').count()).toBe(0);
    expect(await page.title()).not.toBe('1');
    await page.getByRole('button', { name: 'Change the mirrored share' }).click();
    await seen(page.getByText('This is the share in force.'));
    await page.getByLabel('Mirrored share in percent').fill('0');
    await order(page, 'enough', 'Mirror 0 %');
    await seen(page.getByText('Mirrored: 0 % of safe requests. 1 of 1 edge serves it.'));
    expect(await dashboard.route()).toMatchObject({ phase: 'legacy', mirror_share: 0, reason: 'enough' });
  });

  test('says whether the old code may go, drills, retires and unretires', async () => {
    await dashboard.change('other', 100, 'all over');
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    const conditions = page.getByRole('listitem').filter({ hasText: /met/ });
    await seen(page.getByText(/^Not yet: \d of 4\sconditions are not met\.$/));
    expect(await conditions.filter({ hasText: 'everybody is on coach' }).innerText()).toMatch(/^✕ not met/);
    await page.getByRole('button', { name: 'Drill a rollback' }).click();
    await seen(page.getByText('This is no rehearsal: everybody goes to legacy for a moment'));
    await order(page, 'once a quarter', 'Drill it now');
    await seen(page.getByText(/^Back on 1\sedge after [\d.]+\s(ms|s)\. The weight is 100\s% again\.$/));
    expect((await dashboard.route()).weight).toBe(100);
    await seen(conditions.filter({ hasText: 'going back was tried' }).getByText('✓ met'));
    await page.getByRole('button', { name: 'Retire', exact: true }).click();
    await seen(page.getByText(/conditions? (is|are) not met!/));
    await order(page, 'at last', 'Take the way back away');
    await seen(page.getByText('Retired: there is no way back to legacy.'));
    await seen(page.getByText('There is no way back: wod is retired. Unretire it first.'));
    expect(await page.getByRole('button', { name: 'Roll back to legacy' }).getAttribute('aria-disabled')).toBe('true');
    await seen(page.getByText('everybody on coach, no way back'));
    await page.getByRole('button', { name: 'Unretire' }).click();
    await order(page, 'not yet', 'Give the way back again');
    await seen(page.getByText('There is a way back to legacy again.'));
    expect(await dashboard.route()).toMatchObject({ weight: 100, retired: false, phase: 'full' });
  });

  /** Types the reason that an order asks for, and sends it. */
  async function order(page: Page, reason: string, confirm: string): Promise<void> {
    const form = page.locator('.order-form');
    await form.getByLabel('Reason').fill(reason);
    await form.getByRole('button', { name: confirm }).click();
  }

  async function request(user: number): Promise<void> {
    const authorization = `Bearer ${dashboard.edge.tokens.issue({ sub: String(user) })}`;
    await dashboard.edge.get('/fitness/wod', { headers: { authorization } });
  }
});
