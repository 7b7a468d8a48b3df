import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CHROMIUM, QUIET_CHROMIUM } from '@fit/test-kit/chromium';
import { describeWith, testWith } from '@fit/test-kit/components';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { mendRelease, rampThroughLostLeader, rampToTheEnd, rampUntilRolledBack } from '../demo/acts.ts';
import type { AuditEntry } from '../demo/admin-api.ts';
import type { Fault } from '../demo/coach-orders.ts';
import { adminUrl, everywhere, livingEdges, orderRelease, startScene } from '../demo/scene.ts';
import type { Scene } from '../demo/scene.ts';
import type { Answer } from '../demo/traffic.ts';
import { until } from '@fit/test-kit/until';
import { redis } from '../edge-proxy/src/adapters/test/redis-server.ts';
import { ensureBuiltPage } from '../edge-proxy/dashboard/test/built-page.ts';
import { ROOT } from './running-stack.ts';

const OPERATOR = 'local-admin';
/** What people get is looked at for so many more answers. */
const MORE_ANSWERS = 40;
const WITHIN_MS = 60_000;
/** Long, so that only who is slow on purpose is. */
const OBJECTIVE_MS = 5000;
/** A machine that stalls makes everybody wait, whichever the side: that alone is no reason to go back. */
const BUSY_MACHINE = { minimumUsers: 5, gates: { slowPercent: 60 } };
const PICTURES = join(ROOT, '.data', 'ramp-scene');
const browserFinding = { name: CHROMIUM.name, finding: await CHROMIUM.find() };

/** The acts follow one another on one system: each begins with everybody on the old side. */
await describeWith(redis, 'three edges on one Redis, a monolith, and a coach whose new release may turn bad', () => {
  let scene: Scene & AsyncDisposable;
  let browser: Browser | undefined;
  let page: Page;
  beforeAll(async () => {
    scene = await startScene({
      edgesOnRedis: 3,
      people: 80,
      legacyCostMs: '20-60',
      objectiveMs: OBJECTIVE_MS,
      requestsPerSecond: 40,
    });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await scene?.[Symbol.asyncDispose]();
  }, 60_000);

  test('a good coach is ramped from 0 to 100 % unattended, and nobody goes back or meets a failure', async () => {
    const { traffic } = scene;
    const plan = { steps: '25 % for 2 s, 50 % for 2 s, 100 %', ...BUSY_MACHINE };
    const entries = await rampToTheEnd(scene, plan, 'a good release');
    expect(entries.map(inShort)).toEqual([
      [OPERATOR, 25, 'running', 1],
      ['ramp', 50, 'running', 2],
      ['ramp', 100, 'running', 3],
      ['ramp', 100, 'completed', 3],
    ]);
    for (const { verdicts, reason } of entries.slice(1)) {
      expect(verdicts.length).toBeGreaterThanOrEqual(8);
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable')).toEqual([]);
      expect(reason).toContain('every gate passes');
    }
    const servedByMonolith = await workoutsOfMonolith(scene);
    const fullSince = Date.now();
    await moreAnswers(scene, fullSince);
    expect(new Set(traffic.since(fullSince).map(({ servedBy }) => servedBy))).toEqual(new Set(['coach']));
    expect(await workoutsOfMonolith(scene)).toBe(servedByMonolith);
    expect(traffic.answers.filter(isFailed)).toEqual([]);
    expect(traffic.answers.filter(({ isRight }) => !isRight)).toEqual([]);
    expect(wentBack(traffic.answers)).toEqual([]);
  }, 300_000);

  testWith(
    browserFinding,
    'the page shows that the ramp was completed',
    async (executablePath) => {
      ensureBuiltPage();
      browser = await chromium.launch({ executablePath, args: [...QUIET_CHROMIUM] });
      page = await openPage(scene, browser);
      await seenOnCard(page, 'completed', 'the last step passed');
      await picture(page, 'completed');
      await scene.stack.api.rollBack(adminUrl(scene), 'the next release comes');
      await seenInHistory(page, 'the next release comes');
    },
    120_000,
  );

  test.each<{ fault: Fault; gate: string; spared: boolean }>([
    { fault: 'errors', gate: 'failed', spared: true },
    { fault: 'slow', gate: 'slow', spared: true },
    { fault: 'wrong', gate: 'invalid', spared: true },
    // A 4xx is an answer: it is never given by the other side instead.
    { fault: 'unauthorized', gate: 'failed', spared: false },
  ])(
    'a coach that turns bad at 25 % is rolled back: $fault',
    async ({ fault, gate, spared }) => {
      const { stack, traffic } = scene;
      await everybodyOnOldSide(scene);
      const beganAt = Date.now();
      // So long a step that the ramp never leaves it by itself.
      const plan = { steps: '25 % for 10 m, 100 %', minimumUsers: 5 };
      const { entries, entry, firstBadAt, decidedAt, everywhereAt } = await rampUntilRolledBack(scene, plan, {
        fault,
        weight: 25,
      });
      console.info(
        `${fault}: decided ${decidedAt - firstBadAt} ms after the first request that it answered badly, at weight 0 on every edge ` +
          `${everywhereAt - decidedAt} ms later`,
      );
      expect(everywhereAt - decidedAt).toBeLessThan(2000);
      const sent = (await orderRelease(scene, {})).workouts;
      await moreAnswers(scene, everywhereAt);

      // The store: one decision, by the ramp, for the reason that was played.
      expect(entries.map(inShort)).toEqual([
        [OPERATOR, 25, 'running', 1],
        ['ramp', 0, 'rolled-back', 1],
      ]);
      expect(entry.reason).toContain(`25 %, step 1 of 2: gate ${gate}`);
      expect(entry.verdicts.filter(({ verdict }) => verdict === 'fail').map(({ gate: name }) => name)).toContainEqual(
        expect.stringMatching(new RegExp(`^${gate}`)),
      );
      const audits = await Promise.all(livingEdges(scene).map(({ process }) => stack.api.audit(process.adminUrl)));
      for (const audit of audits) expect(audit[0]).toEqual(entry);
      // The upstreams: the new release got nothing any more.
      expect((await orderRelease(scene, {})).workouts).toBe(sent);
      // The people.
      const answers = traffic.since(beganAt);
      expect(answers.filter((answer) => isFailed(answer) && (spared || answer.status !== 401))).toEqual([]);
      const after = answers.filter(({ at }) => at > everywhereAt);
      expect(after.filter((answer) => answer.servedBy !== 'legacy' || isFailed(answer) || !answer.isRight)).toEqual([]);
      expect(after.length).toBeGreaterThanOrEqual(MORE_ANSWERS);
      const bad = answers.filter(BAD_ANSWERS[fault]);
      expect(bad.length).toBeGreaterThan(0);
      // Those who were told.
      const told = await until('told of the rollback', () => rollbacksTold(scene, entry.revision), {
        holds: (each) => each.length > 0,
        withinMs: WITHIN_MS,
      });
      expect(told).toEqual([
        { isSigned: true, notification: expect.objectContaining({ route: 'wod', sentence: entry.reason }) },
      ]);
      await mendRelease(scene);
      expect(rollbacksTold(scene, entry.revision)).toHaveLength(1);
    },
    300_000,
  );

  testWith(
    browserFinding,
    'the page shows that the ramp was rolled back, and why',
    async () => {
      const { reason } = await lastRollback(scene);
      await seenOnCard(page, 'rolled back', 'everybody went back to legacy');
      await seenInHistory(page, reason);
      await picture(page, 'rolled-back');
    },
    60_000,
  );

  test('a leader that is killed in mid-ramp is replaced, and the ramp goes on where it was', async () => {
    const { traffic } = scene;
    const beganAt = Date.now();
    const plan = { steps: '25 % for 1 s, 50 % for 5 s, 75 % for 1 s, 100 %', ...BUSY_MACHINE };
    const { entries, killed, successor, replacedAfterMs, found } = await rampThroughLostLeader(scene, plan, {
      weight: 50,
    });
    console.info(`${killed} was killed; ${successor} led ${Math.round(replacedAfterMs)} ms later`);
    expect(successor).not.toBe(killed);
    expect(replacedAfterMs).toBeLessThan(10_000);
    expect(found).toMatchObject({ weight: 50, ramp: { phase: 'running', step: 2 } });
    expect(entries.map(inShort)).toEqual([
      [OPERATOR, 25, 'running', 1],
      ['ramp', 50, 'running', 2],
      ['ramp', 75, 'running', 3],
      ['ramp', 100, 'running', 4],
      ['ramp', 100, 'completed', 4],
    ]);
    expect(traffic.since(beganAt).filter(isFailed)).toEqual([]);
    expect(wentBack(traffic.since(beganAt))).toEqual([]);
  }, 300_000);

  testWith(
    browserFinding,
    'the page of another edge shows how it ended, and the whole story',
    async () => {
      const other = await openPage(scene, browser!);
      await seenOnCard(other, 'completed', 'the last step passed');
      await seenInHistory(other, (await lastRollback(scene)).reason);
      await picture(other, 'completed-without-its-leader');
    },
    60_000,
  );
});

function inShort({ actor, after }: AuditEntry): unknown[] {
  return [actor, after.weight, after.ramp?.phase, after.ramp?.step];
}

function isFailed({ status }: Answer): boolean {
  return status !== 200;
}

/** As people see that the coach turned bad. */
const BAD_ANSWERS: Readonly<Record<Fault, (answer: Answer) => boolean>> = {
  errors: ({ fallback, status, isRight }) => fallback !== null && status === 200 && isRight,
  slow: ({ servedBy, tookMs, status }) => servedBy === 'coach' && tookMs > OBJECTIVE_MS && status === 200,
  wrong: ({ servedBy, status, isRight }) => servedBy === 'coach' && status === 200 && !isRight,
  unauthorized: ({ servedBy, status }) => servedBy === 'coach' && status === 401,
};

/** Answers of the old side to people whom the new side had served before, for no reason that they were told. */
function wentBack(answers: readonly Answer[]): readonly Answer[] {
  return [...Map.groupBy(answers, ({ person }) => person).values()].flatMap((own) => {
    const first = own.findIndex((answer) => answer.servedBy === 'coach');
    return first === -1
      ? []
      : own.slice(first).filter((answer) => answer.servedBy !== 'coach' && answer.fallback === null);
  });
}

async function everybodyOnOldSide(scene: Scene): Promise<void> {
  const { weight } = await scene.stack.api.route(adminUrl(scene));
  if (weight > 0) await scene.stack.api.rollBack(adminUrl(scene), 'the next release comes');
  await everywhere(scene, 0);
}

async function moreAnswers({ traffic }: Scene, since: number): Promise<void> {
  await until('answered', () => traffic.since(since).length, {
    holds: (answers) => answers > MORE_ANSWERS,
    withinMs: WITHIN_MS,
  });
}

/** As the monolith counts the workouts that edges asked it for. */
async function workoutsOfMonolith({ stack }: Scene): Promise<number> {
  const metrics = await (await fetch(`${stack.monolith.url}/metrics`)).text();
  const [, count] = /^fit_workout_requests_total\{.*caller="edge".*\} (\d+)$/m.exec(metrics) ?? [];
  return Number(count);
}

function rollbacksTold({ stack }: Scene, revision: number) {
  return stack.webhook.received.filter(
    ({ notification }) => notification.kind === 'rolled-back' && notification.revision === revision,
  );
}

async function lastRollback(scene: Scene): Promise<AuditEntry> {
  const audit = await scene.stack.api.audit(adminUrl(scene));
  return audit.find(({ actor, after }) => actor === 'ramp' && after.weight === 0)!;
}

async function openPage(scene: Scene, browser: Browser): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width: 1280, height: 1600 }, reducedMotion: 'reduce' });
  await opened.goto(await scene.stack.api.pageLink(adminUrl(scene)));
  await opened.getByRole('link', { name: 'wod' }).first().click();
  return opened;
}

async function seenOnCard(opened: Page, phase: string, meaning: string): Promise<void> {
  const card = opened.getByRole('region', { name: 'Ramp' });
  await card.getByText(phase, { exact: true }).first().waitFor({ timeout: WITHIN_MS });
  await card.getByText(meaning).first().waitFor({ timeout: WITHIN_MS });
}

async function seenInHistory(opened: Page, reason: string): Promise<void> {
  await opened.getByRole('cell', { name: reason }).first().waitFor({ timeout: WITHIN_MS });
}

async function picture(opened: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await opened.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
