import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Replica, ReplicaList } from '@fit/edge-proxy/admin-api/schemas';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { describeWith } from '@fit/test-kit/components';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { ensureBuiltPage } from './built-page.ts';
import { startDashboardUnderTest } from './dashboard-under-test.ts';
import type { DashboardUnderTest } from './dashboard-under-test.ts';
import { seen, until } from './patience.ts';

const ROUTE = '#/routes/wod';
const HTML = '<img src=x onerror="document.title=1"><b>bold</b> & “more”';

await describeWith(CHROMIUM, 'the dashboard', (executablePath) => {
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

  test('logs in with a token, and keeps what was typed when it is refused', async () => {
    const page = await dashboard.open();
    const field = page.getByLabel('Token');
    await field.fill('not-a-token');
    await field.press('Enter');
    await seen(page.getByRole('alert').filter({ hasText: /./ }));
    expect(await field.inputValue()).toBe('not-a-token');
    await field.fill(operator);
    await page.getByRole('button', { name: 'Log in' }).click();
    await seen(page.getByRole('heading', { name: 'Routes', exact: true }));
    await seen(page.getByText('All users are on legacy, as configured'));
    expect(await focusedId(page)).toBe('main');
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    await page.getByRole('button', { name: 'Log out' }).click();
    await seen(field);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('logs in by a link, once, and takes its code out of the address', async () => {
    const { code } = (await dashboard.ask(operator, 'login-codes', { method: 'POST' })) as { code: string };
    const page = await dashboard.open({ hash: `#code=${code}` });
    await seen(page.getByRole('heading', { name: 'Routes', exact: true }));
    expect(page.url()).not.toContain(code);
    const second = await dashboard.open({ hash: `#code=${code}` });
    await seen(second.getByText('The link does not log in any more'));
  });

  test('changes a weight, which the next request meets; a reason is shown as the text that it is', async () => {
    await Promise.all([1, 2, 3].map((user) => request(user)));
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await seen(page.getByText('Nobody moves: 0 % is in force.'));
    await page.getByLabel('Weight in percent').fill('-1');
    await seen(page.getByText('The weight must be from 0 to 100.'));
    expect(await page.getByText('Nobody moves').count()).toBe(0);
    await page.getByLabel('Weight in percent').fill('100');
    await seen(page.getByText('Moves 100 % of all users from legacy to coach: everybody is on coach then.'));
    await seen(page.getByText('About 3 of the 3 people seen in the last hour.'));
    await seen(page.getByText('Say why: the reason goes into the audit log.'));
    await page.getByRole('button', { name: 'Apply 100 %' }).click({ force: true });
    expect((await dashboard.route()).weight).toBe(0);
    await page.getByLabel('Reason').fill(HTML);
    await page.getByRole('button', { name: 'Apply 100 %' }).click();
    await page.getByRole('button', { name: 'Yes, 0 % → 100 %' }).click();
    await seen(page.getByText('In force: 0 % → 100 %. 1 of 1 edge serves it.'));
    expect(await request(1)).toBe('coach');
    await seen(page.getByRole('cell', { name: HTML }));
    expect(await page.locator('main b, main img').count()).toBe(0);
    expect(await page.title()).toMatch(/^wod 100\s% · Edge$/);
  });

  test('a weight of 0.01 % by slider and keys, without a mouse', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await seen(page.getByRole('heading', { name: 'Change the weight' }));
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await tabTo(page, 'weight-slid');
    await page.keyboard.press('ArrowRight');
    expect(await page.getByLabel('Weight in percent').inputValue()).toBe('0.01');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('ArrowDown');
    expect(await page.getByLabel('Slide').getAttribute('aria-valuetext')).toBe('1 percent on coach');
    await tabTo(page, 'weight-reason');
    await page.keyboard.type('by keys');
    await page.keyboard.press('Enter');
    await seen(page.getByText('In force: 0 % → 1 %.'));
    expect(await focused(page)).toContain('In force');
    expect(await dashboard.route()).toMatchObject({ weight: 1, changed_by: 'ops', reason: 'by keys' });
  });

  test('asks before everybody goes to the new side, and takes no second Enter for the answer', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByLabel('Weight in percent').fill('100');
    await page.getByLabel('Reason').fill('all');
    const question = page.getByRole('group', { name: 'legacy then serves nobody on this route.' });
    await page.keyboard.press('Enter');
    await seen(question);
    expect(await focused(page)).toContain('Put everybody on coach?');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await until(async () => (await focusedId(page)) === 'weight-apply');
    expect(await question.count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByLabel('Reason').fill('everybody');
    expect(await question.count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect((await dashboard.route()).revision).toBe(0);
    await page.keyboard.press('Enter');
    await seen(page.getByText('In force: 0 % → 100 %.'));
    expect(await focused(page)).toContain('In force');
    expect(await dashboard.route()).toMatchObject({ weight: 100, revision: 1, reason: 'everybody' });
  });

  test('shows what the edge says of a change that the store did not confirm, and claims no more', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByLabel('Weight in percent').fill('20');
    await page.getByLabel('Reason').fill('more');
    const problem = {
      type: 'store-unavailable',
      title: 'The store is unavailable',
      detail: 'Look at the route first.',
    };
    await page.route('**/weight?*', (call) => call.fulfill({ status: 503, json: problem }));
    await page.getByRole('button', { name: 'Apply 20 %' }).click();
    await seen(page.getByText('The store is unavailable: Look at the route first.', { exact: true }));
  });

  test('a change that came first is told, and decided about anew', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByLabel('Weight in percent').fill('20');
    await page.getByLabel('Reason').fill('mine');
    await page.route(
      '**/weight?*',
      async (route) => {
        await dashboard.change('other', 35, HTML);
        await route.continue();
      },
      { times: 1 },
    );
    await page.getByRole('button', { name: 'Apply 20 %' }).click();
    await seen(page.getByText('other changed the weight from 0 % to 35 %'));
    await seen(page.getByText(`Reason: “${HTML}”`));
    await seen(page.getByText('Nothing was changed.'));
    expect(await page.getByRole('button', { name: 'Apply 20 %' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'Keep what I typed, starting from 35 %' }).click();
    await seen(page.getByText('Moves 15 % of all users from coach to legacy'));
    await page.getByRole('button', { name: 'Apply 20 %' }).click();
    await seen(page.getByText('In force: 35 % → 20 %.'));
    expect(await dashboard.route()).toMatchObject({ weight: 20, revision: 2, changed_by: 'ops' });
  });

  test('a change that comes while one is typed is told at once', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByLabel('Weight in percent').fill('20');
    await dashboard.change('other', 35, 'theirs');
    await seen(page.getByText('other changed the weight from 0 % to 35 %'));
    await page.getByRole('button', { name: 'Leave it at 35 %' }).click();
    expect(await page.getByLabel('Weight in percent').inputValue()).toBe('35');
  });

  test('rolls back from the overview with two presses of Enter', async () => {
    await dashboard.change('other', 100, 'all over');
    const page = await dashboard.open({ token: operator });
    const button = page.getByRole('button', { name: 'Roll back to legacy' });
    await button.press('Enter');
    await page.keyboard.press('Escape');
    expect(await request(1)).toBe('coach');
    await until(async () => (await focused(page)) === 'Roll back to legacy');
    await page.keyboard.press('Enter');
    await until(async () => (await focusedId(page)) === 'rollback-reason-wod');
    await page.keyboard.press('Enter');
    await seen(page.getByText('Rolled back from 100 %: everybody is on legacy. 1 of 1 edge serves it.'));
    expect(await focused(page)).toMatch(/^Rolled back from 100\s%/);
    expect(await request(1)).toBe('legacy');
    await seen(page.getByText('Everybody is on legacy already.'));
    expect(await dashboard.route()).toMatchObject({ weight: 0, reason: 'Rolled back from the dashboard' });
  });

  test('says that the connection is lost, greys what is old, and comes back by itself', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    await page.getByLabel('Reason').fill('half a tho');
    const figure = page.locator('.figure-value').first();
    await seen(figure);
    const colour = () => page.evaluate(`getComputedStyle(document.querySelector('.figure-value')).color`);
    const before = await colour();
    await dashboard.relay.cut();
    await seen(page.getByText('Connection to the edge lost. What you see is old.'));
    await seen(page.getByText(/The last data came .* ago/));
    expect(await colour()).not.toBe(before);
    await page.getByLabel('Weight in percent').fill('7');
    await page.getByRole('button', { name: 'Apply 7 %' }).click();
    await seen(page.getByText('it is not known whether the change was taken'));
    await dashboard.change('other', 12.5, 'meanwhile');
    await dashboard.relay.mend();
    await seen(page.getByText('other changed the weight from 0 % to 12.5 %'));
    await until(async () => (await page.getByText('Connection to the edge lost').count()) === 0);
    expect(await figure.textContent()).toMatch(/^12\.5\s%$/);
    expect(await colour()).toBe(before);
    expect(await page.getByLabel('Reason').inputValue()).toBe('half a tho');
  });

  test('tells a viewer why nothing can be changed, and hides nothing', async () => {
    await dashboard.change('other', 50, 'half');
    const viewer = dashboard.tokenOf({ actor: 'guest', role: 'viewer' });
    const page = await dashboard.open({ token: viewer, hash: ROUTE });
    const why = 'Your role (viewer) may look, but not change. It takes the role operator or admin.';
    await seen(page.getByText(why).first());
    expect(await page.getByText(why).count()).toBe(4);
    expect(await page.getByLabel('Weight in percent').isDisabled()).toBe(true);
    for (const name of ['Roll back to legacy', 'Apply 50 %', 'Start a ramp']) {
      const button = page.getByRole('button', { name });
      expect(await button.getAttribute('aria-disabled')).toBe('true');
      expect(await page.locator(`#${await button.getAttribute('aria-describedby')}`).textContent()).toBe(why);
    }
    await page.getByRole('button', { name: 'Roll back to legacy' }).click({ force: true });
    expect(await page.getByRole('button', { name: 'Roll back now' }).count()).toBe(0);
    await page.getByLabel('User’s id').fill('7');
    await page.getByLabel('At weight').fill('9.76');
    await page.getByRole('button', { name: 'Look up' }).click();
    await seen(page.getByText('At 9.76 %, 7 is on legacy'));
    await seen(page.getByText('On coach from 9.77 % upwards. Users are known by the claim sub.'));
  });

  test('a login that runs out asks for another one, and goes on where it was', async () => {
    const page = await dashboard.open({
      token: dashboard.tokenOf({ actor: 'ops', role: 'operator', secondsLeft: 3 }),
      hash: ROUTE,
    });
    await page.getByLabel('Reason').fill('half a tho');
    await seen(page.getByText('Log in', { exact: true }));
    await page.getByLabel('Token').fill(operator);
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Reason').inputValue()).toBe('half a tho');
  });

  test('says loudly what a store out of reach means', async () => {
    await dashboard.change('other', 50, 'half');
    const page = await dashboard.open({ token: operator });
    await seen(page.getByText('All users').or(page.getByText('50 %').first()));
    const { store } = await replicas();
    await dashboard.tell(page, {
      store: { ...store, state: 'down' },
      routes: [{ ...(await dashboard.route()), stored: false }],
    });
    await seen(page.getByText('The store cannot be reached, so weights cannot be changed. Rollback still works.'));
    await seen(page.getByText('The rollback of wod is in force on this edge, but not stored yet.'));
    expect(await page.getByRole('button', { name: 'Roll back to legacy' }).getAttribute('aria-disabled')).toBe('false');
  });

  test('tells edges of one name apart', async () => {
    const page = await dashboard.open({ token: operator, hash: ROUTE });
    const name = page.getByRole('table').filter({ hasText: 'Started (UTC)' }).getByRole('rowheader');
    await seen(name);
    const [edge] = (await replicas()).replicas as [Replica];
    expect(await name.innerText()).toBe(`${edge.id} this one`);
    const namesake = { ...edge, incarnation: '01234567-89ab', is_self: false };
    await dashboard.tell(page, { replicas: [edge, namesake, { ...namesake, id: 'another' }] });
    await until(async () => (await name.count()) === 3);
    expect(await name.allInnerTexts()).toEqual([
      `${edge.id} ${edge.incarnation.slice(0, 8)} this one`,
      `${edge.id} 01234567`,
      'another',
    ]);
  });

  async function replicas(): Promise<ReplicaList> {
    return (await dashboard.ask(operator, 'replicas')) as ReplicaList;
  }

  /** @returns the side that answered */
  async function request(user: number): Promise<string> {
    const authorization = `Bearer ${dashboard.edge.tokens.issue({ sub: String(user) })}`;
    const { body } = await dashboard.edge.get('/fitness/wod', { headers: { authorization } });
    return (JSON.parse(body) as { by: string }).by;
  }
});

async function focused(page: Page): Promise<string> {
  return (await page.evaluate('document.activeElement.textContent')) as string;
}

async function focusedId(page: Page): Promise<string> {
  return (await page.evaluate('document.activeElement.id')) as string;
}

async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focusedId(page)) === id) return;
  }
  throw new Error(`Tab does not get to ${id}`);
}
