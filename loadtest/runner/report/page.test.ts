import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { describeWith } from '@fit/test-kit/components';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import type { Answer } from '../../src/answer-line.ts';
import type { Phase } from '../phases.ts';
import { htmlReport } from './html.ts';
import { reportOf } from './report.ts';

/** Pixels that are not transparent: something is drawn. */
const EMPTY_CANVASES = `[...document.querySelectorAll('canvas')].filter((canvas) =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every((value) => value === 0)).length`;

/** A minute at one weight, with a fault now and then. */
function phaseAt(weight: number): Phase {
  const answers = Array.from({ length: 600 }, (_, index): Answer => {
    const isCoach = index % 100 < weight;
    const durationMs = isCoach ? 5 + (index % 30) : 1000 + ((index * 37) % 9000);
    return {
      askedAt: index * 100,
      elapsedMs: Math.ceil(durationMs),
      person: index % 100,
      status: index % 97 === 0 ? 504 : 200,
      side: isCoach ? 'coach' : 'legacy',
      fallback: undefined,
      durationMs,
      fault: index % 97 === 0 ? '504 upstream-timeout </script>' : undefined,
    };
  });
  return {
    name: `weight ${weight}`,
    startedAt: 0,
    endedAt: 60_000,
    changes: [{ weight, askedAt: 0, answeredAt: 0 }],
    thresholds: [{ metric: 'workout_duration', rule: 'p(95)<5000', isMet: weight === 100 }],
    dropped: 0,
    answers,
  };
}

await describeWith(CHROMIUM, 'the page', (executablePath) => {
  let folder: string;
  let chrome: Browser;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loadtest-'));
    const file = join(folder, 'report.html');
    const phases = [0, 10, 100].map(phaseAt);
    const result = {
      summary: 'a <test>',
      load: { seconds: 60, rate: 0 },
      facts: [['target', 'here'] as const],
      phases,
    };
    writeFileSync(file, htmlReport(reportOf({ scenario: 'objective', ...result })));
    url = pathToFileURL(file).href;
    chrome = await chromium.launch({ executablePath, args: [...QUIET_CHROMIUM] });
  });
  afterAll(async () => {
    await chrome?.close();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)('draws, %s and %d pixels wide, and asks nobody for anything', async (colorScheme, width) => {
    const page = await chrome.newPage({ viewport: { width, height: 900 }, colorScheme });
    const seen = watch(page);
    await page.goto(url);
    expect(await page.locator('canvas').count()).toBe(9);
    expect(await page.evaluate(EMPTY_CANVASES)).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(seen).toEqual({ requests: [url], complaints: [] });
    await page.close();
  });

  test('has its figures in a table that a screen reader can name', async () => {
    const page = await chrome.newPage();
    await page.goto(url);
    const table = page.getByRole('table', { name: 'Figures' });
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['weight 0', 'weight 10', 'weight 100']);
    expect(await table.getByRole('row', { name: 'weight set' }).getByRole('cell').allTextContents()).toEqual([
      '0 %',
      '10 %',
      '100 %',
    ]);
    expect(await page.getByRole('img').count()).toBe(9);
    expect(await page.getByText('504 upstream-timeout </script>').count()).toBe(3);
    await page.close();
  });
});

function watch(page: Page) {
  const seen = { requests: [] as string[], complaints: [] as string[] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  page.on('console', (message) => seen.complaints.push(message.text()));
  return seen;
}
