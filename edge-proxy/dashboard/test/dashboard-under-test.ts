import type { ReplicaList, RouteView, StateEvent } from '@fit/edge-proxy/admin-api/schemas';
import type { Browser, Page } from 'playwright-core';
import { startEdgeUnderTest } from '../../test/edge-under-test.ts';
import type { EdgeSettings, EdgeUnderTest } from '../../test/edge-under-test.ts';
import { startRelay } from './relay.ts';
import type { Relay } from './relay.ts';

/** The page of a real edge in a real browser, which reaches the edge through a relay. */
export type DashboardUnderTest = AsyncDisposable & {
  edge: EdgeUnderTest;
  relay: Relay;
  /** A token for the admin API. */
  tokenOf: (who: { actor: string; role: string; secondsLeft?: number }) => string;
  open: (options?: OpenOptions) => Promise<Page>;
  /** What is in force. */
  route: () => Promise<RouteView>;
  /** A change by somebody else, past the page. */
  change: (actor: string, weight: number, reason: string) => Promise<void>;
  /** From then on the page hears this of the edge, over and over, and what is real besides. */
  tell: (page: Page, members: Partial<StateEvent>) => Promise<void>;
  /** A call of the admin API, past the page. */
  ask: (token: string, path: string, init?: AskInit) => Promise<unknown>;
};

type AskInit = { method: string; headers?: Record<string, string>; body?: string };

export type OpenOptions = {
  /** Of whoever is logged in; default: nobody is. */
  token?: string;
  /** Default `#/`. */
  hash?: string;
  width?: number;
  colorScheme?: 'light' | 'dark';
  /** Default: this machine's. */
  timezoneId?: string;
  /** Sees the page before it loads. */
  watch?: (page: Page) => void | Promise<void>;
};

/** The clocks of edge and issuer may differ by so much before a token counts as expired. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** @param settings of the edge */
export async function startDashboardUnderTest(
  browser: Browser,
  settings: EdgeSettings = {},
): Promise<DashboardUnderTest> {
  const edge = await startEdgeUnderTest(settings);
  const relay = await startRelay(edge.adminUrl);
  const tokenOf: DashboardUnderTest['tokenOf'] = ({ actor, role, secondsLeft = 3600 }) =>
    edge.tokens.issue({
      sub: actor,
      aud: 'edge-admin',
      roles: [role],
      exp: Math.floor(Date.now() / 1000) - CLOCK_TOLERANCE_SECONDS + secondsLeft,
    });
  const ask: DashboardUnderTest['ask'] = async (token, path, init) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init?.headers };
    const response = await fetch(`${edge.adminUrl}/admin/v1/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path} was refused: ${await response.text()}`);
    return await response.json();
  };
  const look = (path: string) => ask(tokenOf({ actor: 'test', role: 'viewer' }), path);
  const route = async () => (await look('routes/wod')) as RouteView;
  const state = async (): Promise<StateEvent> => {
    const known = (await look('replicas')) as ReplicaList;
    return { ...known, at: new Date().toISOString(), routes: [await route()], traffic: {}, verdicts: {} };
  };
  return {
    edge,
    relay,
    tokenOf,
    ask,
    route,
    tell: async (page, members) => {
      const body = `event: state\ndata: ${JSON.stringify({ ...(await state()), ...members })}\n\n`;
      await page.route('**/events', (call) => call.fulfill({ contentType: 'text/event-stream', body }));
      await page.reload();
    },
    open: (options) => open(browser, relay.url, options),
    change: async (actor, weight, reason) => {
      const { revision } = await route();
      await ask(tokenOf({ actor, role: 'operator' }), 'routes/wod/weight', {
        method: 'PUT',
        headers: { 'if-match': `"${revision}"` },
        body: JSON.stringify({ weight, reason }),
      });
    },
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]();
      await edge[Symbol.asyncDispose]();
    },
  };
}

async function open(browser: Browser, url: string, options: OpenOptions = {}): Promise<Page> {
  const { token, hash = '#/', width = 1280, colorScheme = 'light', timezoneId, watch } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
    ...(timezoneId !== undefined && { timezoneId }),
  });
  const page = await context.newPage();
  await watch?.(page);
  if (token !== undefined) {
    // Once: the window's name tells, as it outlives a reload.
    const keep = `sessionStorage.setItem('edge-admin-token', ${JSON.stringify(token)})`;
    await page.addInitScript({ content: `if (!name) { name = 'opened'; ${keep} }` });
  }
  await page.goto(`${url}/${hash}`);
  return page;
}
