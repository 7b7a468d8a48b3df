import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/answer-line.ts';
import type { ScenarioName } from '../../src/scenarios.ts';
import { plainAnswer } from '../answer.fixture.ts';
import type { Phase } from '../phases.ts';
import { htmlReport } from './html.ts';
import { duration, reportOf } from './report.ts';
import { seriesOf } from './series.ts';
import { textReport } from './text.ts';

const answer = (askedAt: number, extra: Partial<Answer> = {}) =>
  plainAnswer({ askedAt, person: askedAt % 7, ...extra });

const phase = (extra: Partial<Phase> = {}): Phase => ({
  name: 'weight 0',
  startedAt: 0,
  endedAt: 10_000,
  changes: [{ weight: 0, askedAt: 0, answeredAt: 1 }],
  thresholds: [{ metric: 'workout_failed', rule: 'rate<0.01', isMet: true }],
  dropped: 0,
  answers: [answer(100), answer(1100, { durationMs: 30 }), answer(3100, { side: 'coach', durationMs: 2 })],
  ...extra,
});

const report = (phases: Phase[], scenario: ScenarioName = 'objective') =>
  reportOf({ scenario, load: { seconds: 4, rate: 1 }, summary: 'a test', phases, facts: [['target', 'here']] });

describe('the table', () => {
  test('of the objective has its weights side by side', () => {
    const phases = [0, 10, 100].map((weight) =>
      phase({ name: `weight ${weight}`, changes: [{ weight, askedAt: 0, answeredAt: 1 }] }),
    );
    const { titles, rows } = report(phases);
    expect(titles).toEqual(['weight 0', 'weight 10', 'weight 100']);
    expect(rows).toContainEqual({ label: 'weight set', cells: ['0 %', '10 %', '100 %'] });
    expect(rows).toContainEqual({ label: 'requests to the coach', cells: ['33.3 %', '33.3 %', '33.3 %'] });
    expect(rows.at(-1)).toEqual({
      label: 'objective',
      cells: ['met (expected to miss)', 'met (expected to miss)', 'met'],
    });
  });

  test('of a rollout has a column for each weight, without what was asked during a change', () => {
    const changes = [
      { weight: 0, askedAt: 0, answeredAt: 50 },
      { weight: 50, askedAt: 1000, answeredAt: 1200 },
      { weight: 0, askedAt: 3000, answeredAt: 3050 },
    ];
    const { titles, rows } = report([phase({ changes })], 'rollout');
    expect(titles).toEqual(['0 %', '50 %', '0 % again']);
    expect(rows[0]).toEqual({ label: 'requests', cells: ['1', '0', '1'] });
  });

  test('of a soak has its quarters', () => {
    const { titles, rows } = report([phase()], 'soak');
    expect(titles).toEqual(['first quarter', 'second quarter', 'third quarter', 'last quarter']);
    expect(rows[0]).toEqual({ label: 'requests', cells: ['1', '1', '0', '1'] });
  });
});

test.each([
  [undefined, '–'],
  [4.25, '4.3 ms'],
  [371.4, '371 ms'],
  [4996, '5.00 s'],
])('%p ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  ['smoke', 'the time was over'],
  ['stress', 'all users waited'],
] as const)('requests that %s did not send are told with the reason', (scenario, why) => {
  const { thresholds } = report([phase({ dropped: 27 })], scenario);
  expect(thresholds.at(-1)).toBe(`weight 0: requests not sent, as ${why}: 27`);
});

describe('over time', () => {
  test('each side has its own percentiles, and none where it answered nobody', () => {
    const { seconds, sides, weight, coachShare } = seriesOf(phase());
    expect(seconds).toEqual([0, 1, 2, 3]);
    expect(sides.legacy.p95).toEqual([10, 30, null, null]);
    expect(sides.coach.p50).toEqual([null, null, null, 2]);
    expect(sides.legacy.perSecond).toEqual([1, 1, 0, 0]);
    expect(coachShare).toEqual([0, 0, null, 100]);
    expect(weight).toEqual([0, 0, 0, 0]);
  });

  test('an hour has no more points than a chart can show', () => {
    const answers = Array.from({ length: 3600 }, (_, second) => answer(second * 1000));
    const { seconds, sides } = seriesOf(phase({ answers }));
    expect(seconds.length).toBeLessThanOrEqual(91);
    expect(sides.legacy.perSecond.every((rate) => rate! > 0.9 && rate! <= 1)).toBe(true);
  });
});

describe('what a server sent', () => {
  const evil = 'x</script><script>alert(1)</script>\u001b[2J';
  const made = report([phase({ name: evil, answers: [answer(100, { fault: evil })] })]);

  test('stays text in the page', () => {
    const page = htmlReport(made);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('x&lt;/script&gt;');
    // The page's own: the figures, uPlot, and the charts.
    expect(page.match(/<\/script/g)).toHaveLength(3);
  });

  test('does not move the cursor of a terminal', () => expect(textReport(made)).not.toContain('\u001b'));
});

test('the page names no address to load anything from', () => {
  const page = htmlReport(report([phase()]));
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
});
