import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import type { Component } from '@fit/test-kit/components';
import { PROMETHEUS } from '@fit/test-kit/prometheus';
import { redis } from '../../edge-proxy/src/adapters/test/redis-server.ts';
import { dashboardQueries, metricsIn, recordedIn, runbookQueries } from './test/shipped-files.ts';
import { startWatchedStack } from './test/watched-stack.ts';
import type { WatchedStack } from './test/watched-stack.ts';

const prometheusAndRedis: Component<undefined> = {
  name: 'prometheus and redis',
  find: async () => {
    const finding = await redis.find();
    return finding.available ? await PROMETHEUS.find() : finding;
  },
};

/** Of a coach that is killed, and a Redis that is lost. A busy machine may raise others. */
const EXPECTED = ['BreakerOpen', 'StoreUnreachable', 'TargetDown'];

/** The shipped rules, twenty times as fast: `time-lapse.ts`. */
await describeWith(prometheusAndRedis, 'a real Prometheus that watches an edge, its Redis and a coach', () => {
  let stack: WatchedStack;
  beforeAll(async () => {
    stack = await startWatchedStack();
  }, 60_000);
  afterAll(async () => await stack?.[Symbol.asyncDispose]());

  test('finds all well, understands the runbook, and has an answer to every question of the dashboards', async () => {
    const { prometheus } = stack;
    await until(async () => (await prometheus.names()).includes('instance_route_upstream:edge_upstream_calls:rate5m'));
    let unanswered: string[] = [];
    await until(async () => (unanswered = await unansweredBy(stack)).length === 0, 10_000);
    expect(unanswered).toEqual([]);
    for (const { expr } of runbookQueries()) await prometheus.query(expr);
    expect(await raised(stack)).toEqual([]);
  }, 60_000);

  test('raises an alert when the coach is killed and Redis is lost, and clears it when both are back', async () => {
    const { coach, prometheus, redis: store } = stack;
    await Promise.all([coach.kill(), store.kill()]);
    await until(async () => (await raised(stack)).length === EXPECTED.length);
    const firing = await prometheus.firing();
    expect(firing.find(({ labels }) => labels['alertname'] === 'BreakerOpen')).toMatchObject({
      labels: { severity: 'page', upstream: 'coach', job: 'edge-proxy' },
      annotations: { runbook_url: 'docs/runbook/alerts.md#breakeropen' },
    });
    await Promise.all([coach.start(), store.restart()]);
    await until(async () => (await raised(stack)).length === 0);
  }, 90_000);
});

/** Which of the expected alerts fire. */
async function raised({ prometheus }: WatchedStack): Promise<string[]> {
  const names = new Set((await prometheus.firing()).map(({ labels }) => labels['alertname']));
  return EXPECTED.filter((name) => names.has(name));
}

/** Questions of the dashboards that have no answer, although all that they read is published. */
async function unansweredBy({ prometheus }: WatchedStack): Promise<string[]> {
  const known = new Set(await prometheus.names());
  const isPublished = (name: string) => known.has(name) || known.has(`${name}_count`);
  const open: string[] = [];
  for (const { panel, expr } of dashboardQueries()) {
    const samples = await prometheus.query(expr.replaceAll('$route', 'wod').replaceAll('$__rate_interval', '5s'));
    const isAnswerable = [...metricsIn(expr), ...recordedIn(expr)].every(isPublished);
    if (samples.length === 0 && isAnswerable) open.push(`${panel}: ${expr}`);
  }
  return open;
}

/** @param withinMs after that it is given up, for the test to say what is wrong */
async function until(isSo: () => Promise<boolean>, withinMs = Infinity): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo()) && performance.now() < deadline) await delay(100);
}
