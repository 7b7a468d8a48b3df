import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { describeWith } from '@fit/test-kit/components';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { ensureBuiltPage } from './built-page.ts';
import { startDashboardUnderTest } from './dashboard-under-test.ts';
import type { DashboardUnderTest } from './dashboard-under-test.ts';
import { tellOfMigration } from './migration-views.ts';

const ROUTE = '#/routes/wod';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

await describeWith(CHROMIUM, 'how the dashboard looks', (executablePath) => {
  let browser: Browser;
  let dashboard: DashboardUnderTest;
  let operator: string;

  beforeAll(async () => {
    ensureBuiltPage();
    browser = await chromium.launch({ executablePath, args: [...QUIET_CHROMIUM] });
    dashboard = await startDashboardUnderTest(browser);
    operator = dashboard.tokenOf({ actor: 'ops', role: 'operator' });
    await dashboard.change('ops', 40, `a long word: ${'x'.repeat(300)}`);
    for (let user = 0; user < 20; user += 1) {
      const authorization = `Bearer ${dashboard.edge.tokens.issue({ sub: String(user) })}`;
      await dashboard.edge.get('/fitness/wod', { headers: { authorization } });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await dashboard[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await dashboard.relay.mend();
  });

  describe('axe finds no fault, in light and dark,', () => {
    test('in the login', async () => {
      const page = await dashboard.open();
      await page.getByLabel('Token').fill('wrong');
      await page.keyboard.press('Enter');
      await page.locator('.login-why').waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });

    test('in the overview', async () => {
      const page = await dashboard.open({ token: operator });
      await page.getByRole('cell', { name: /a long word/ }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Roll back to legacy' }).click();
      await page.getByRole('button', { name: 'Roll back now' }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });

    test('in the page of a route, with a plan being typed', async () => {
      const page = await dashboard.open({ token: operator, hash: ROUTE });
      await page.getByRole('cell', { name: /a long word/ }).waitFor();
      await page.getByLabel('Weight in percent').fill('12.345');
      await page.getByRole('button', { name: 'Start a ramp' }).click();
      await page.getByLabel('One of my own').check();
      expect(await faultsOf(page)).toEqual([]);
    });

    test('in the page of a route, with a question, a conflict, and no connection', async () => {
      const page = await dashboard.open({ token: operator, hash: ROUTE });
      await page.getByLabel('Weight in percent').fill('100');
      await page.getByLabel('Reason').fill('all');
      await page.keyboard.press('Enter');
      await page.getByText('Put everybody on coach?').waitFor();
      const { weight } = await dashboard.route();
      await dashboard.change('other', weight + 1, 'one more');
      await page.getByText('other changed the weight').waitFor();
      await dashboard.relay.cut();
      await page.getByText('Connection to the edge lost').waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });

    test('in a migration, all of it opened', async () => {
      const page = await dashboard.open({ token: operator, hash: ROUTE });
      await openMigration(page);
      expect(await faultsOf(page, '.ramp-card, .fold')).toEqual([]);
    });

    test('in the page of a viewer', async () => {
      const token = dashboard.tokenOf({ actor: 'guest', role: 'viewer' });
      const page = await dashboard.open({ token, hash: ROUTE });
      await page.getByRole('cell', { name: /a long word/ }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });
  });

  test.each([360, 1920])(
    '%d pixels are wide enough for every page, and nothing is asked of anybody else',
    async (width) => {
      const complaints: string[] = [];
      const watch = (page: Page) => {
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('request', (request) => {
          if (!request.url().startsWith(dashboard.relay.url)) complaints.push(request.url());
        });
      };
      const open = async (hash: string, heading: string) => {
        const page = await dashboard.open({ token: operator, hash, width, watch });
        await page.getByRole('heading', { name: heading, exact: true }).waitFor();
        await page.getByRole('cell', { name: /a long word/ }).waitFor();
        expect(await fits(page)).toBe(true);
        return page;
      };
      await open('#/', 'Routes');
      const page = await open(ROUTE, 'wod');
      await openMigration(page);
      expect(await fits(page)).toBe(true);
      expect(complaints).toEqual([]);
    },
  );

  /** Has a route's page show a ramp under way, and opens everything on it. */
  async function openMigration(page: Page): Promise<void> {
    await tellOfMigration(dashboard, page);
    await page.getByRole('heading', { name: 'May the old code go?' }).click();
    await page.getByText('12,430 compared').waitFor();
    await page.getByText('Not yet: 1 of 2').waitFor();
    await page.evaluate(`document.querySelectorAll('details').forEach((details) => (details.open = true))`);
    await page.getByRole('definition').filter({ hasText: '<b>bold</b>' }).waitFor();
    for (const name of ['Change the mirrored share', 'Drill a rollback', 'Freeze']) {
      await page.getByRole('button', { name }).click();
    }
  }

  test('all times are those of UTC, as in the edge’s own sentences, and the page says so', async () => {
    const timezoneId = 'Asia/Kathmandu';
    const page = await dashboard.open({ token: operator, hash: ROUTE, timezoneId, watch: noteDrawnTexts });
    const changedAt = (await dashboard.route()).changed_at!.slice(11, 19);
    await page.getByText('UTC; here it is UTC+5:45', { exact: true }).waitFor();
    await page.getByText(new RegExp(`since ${changedAt.slice(0, 5)} UTC`)).waitFor();
    await page.getByText(`of users on coach since ${changedAt} UTC`).waitFor();
    const changes = page.getByRole('table').filter({ hasText: 'Who' });
    expect(await changes.getByRole('columnheader').first().innerText()).toBe('When (UTC)');
    expect(await changes.getByRole('cell').first().innerText()).toBe(changedAt);
    await page.waitForFunction(`drawn.some((text) => /^\\d\\d:\\d\\d/.test(text))`);
    const drawn = (await page.evaluate<string[]>('drawn')).filter((text) => /^\d\d:\d\d/.test(text));
    const latest = new Date();
    const hours = [latest, new Date(latest.getTime() - 600_000)].map((at) => at.toISOString().slice(11, 13));
    expect(drawn.filter((text) => !hours.includes(text.slice(0, 2)))).toEqual([]);
  });

  test('the charts draw both sides and the change of the weight', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByRole('img', { name: /^Requests a second/ }).waitFor();
    await page.waitForFunction(`[...document.querySelectorAll('canvas')].length === 5 &&
      [...document.querySelectorAll('canvas')].every((canvas) =>
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))`);
    expect(await page.getByRole('img').count()).toBe(5);
    await page.getByText('None in the last ten minutes: coach answered all of its requests itself.').waitFor();
    const table = page.getByRole('table').filter({ hasText: 'p99' });
    expect(await table.getByRole('rowheader').allInnerTexts()).toEqual([
      'Health',
      'Requests a second',
      'Errors that people met',
      'Saved by fallback answered by the other side',
      'p50 half are faster',
      'p95',
      'p99',
      'In flight',
    ]);
  });
});

function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
}

/** Has the page keep the texts of its charts. */
async function noteDrawnTexts(page: Page): Promise<void> {
  const content = `globalThis.drawn = [];
    const { prototype } = CanvasRenderingContext2D;
    const { fillText } = prototype;
    prototype.fillText = function (text, ...rest) {
      drawn.push(text);
      fillText.call(this, text, ...rest);
    };`;
  await page.addInitScript({ content });
}

/**
 * What axe finds, each with the first element that it is about; in the dark, where nothing but colours differs, of colours alone.
 *
 * @param within selector of what is looked at
 */
async function faultsOf(page: Page, within = 'html'): Promise<string[]> {
  await page.evaluate(AXE);
  const faults: string[] = [];
  for (const [colorScheme, rules] of [
    ['light', '{}'],
    ['dark', `{ runOnly: ['color-contrast'] }`],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(within)}, ${rules})`)) as AxeResult;
    faults.push(
      ...violations.map(({ id, nodes: [node] }) => `${colorScheme}, ${id}: ${node?.html} ${node?.failureSummary}`),
    );
  }
  return faults;
}

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
