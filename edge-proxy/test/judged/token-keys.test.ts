import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RemoteKeys } from '@fit/service-kit/jwks';
import { createLogger } from '@fit/service-kit/logger';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { judge } from '../../src/domain/judge.ts';
import { rampPlanSchema } from '../../src/domain/ramp-plan.ts';
import { sideOf } from '../../src/domain/split.ts';
import { weightFromPercent } from '../../src/domain/weight.ts';
import { startPlane, until } from './plane-under-test.ts';
import type { PlaneUnderTest } from './plane-under-test.ts';

const HALF = weightFromPercent(50);
const MINUTE_MS = 60_000;
const all = Array.from({ length: 24 }, (_, each) => `user-${each}`);
const onNew = all.filter((user) => sideOf('wod', user, HALF) === 'new');
const onOld = all.filter((user) => !onNew.includes(user));
const next = createTokenIssuer({ kid: 'key-2' });

let plane: PlaneUnderTest;
let publisher: Recorder;
let keys: RemoteKeys;
let upMs: number;

beforeEach(async () => {
  upMs = 0;
  publisher = await startRecorder((_request, res) => sendJson(res, {}, {}, 503));
  const logger = createLogger('edge-proxy', 'silent');
  keys = new RemoteKeys({ url: publisher.url, logger, now: () => upMs });
  plane = await startPlane({ percent: 50, keys });
});
afterEach(async () => {
  keys.stop();
  await plane[Symbol.asyncDispose]();
  await publisher[Symbol.asyncDispose]();
});

const seen = () => plane.collector.evidenceOf('wod')!;

function publish(...issuers: TokenIssuer[]): void {
  publisher.behave((_request, res) => sendJson(res, { keys: issuers.flatMap(({ jwks }) => jwks.keys) }));
}

async function visit(users: readonly string[], { issue }: TokenIssuer): Promise<void> {
  const ask = async (sub: string) => await plane.get({ headers: { authorization: `Bearer ${issue({ sub })}` } });
  await Promise.all(users.map(ask));
}

test('people whose tokens are of a key that was published since have failed if the coach refuses them', async () => {
  publish(plane.tokens);
  await keys.start();
  publish(plane.tokens, next);
  upMs += MINUTE_MS;
  plane.coach.behave((_request, res) => sendJson(res, {}, {}, 401));
  await visit(onNew, next);
  await until(() => seen().units.new.failed === onNew.length);
  expect(seen().unverified).toEqual({ old: 0, new: 0 });
  expect(publisher.requests).toHaveLength(2);
});

test('while no key can be had, no gate passes that is blind to who is refused', async () => {
  await visit(all, next);
  plane.coach.behave((_request, res) => sendJson(res, {}, {}, 401));
  await visit(onNew, next);
  await until(() => seen().unverified.new === onNew.length);
  expect(seen().units).toMatchObject({ old: { units: onOld.length }, new: { units: onNew.length, failed: 0 } });
  const plan = rampPlanSchema.parse({ steps: '50 %, 100 %', minimumUsers: 1 });
  const look = { plan, weight: HALF, sinceMs: Date.now(), checksContent: false, now: Date.now() };
  const gates = judge({ ...look, evidence: seen() });
  expect(gates.map(({ gate, verdict }) => [gate, verdict])).toEqual([
    ['failed', 'not-enough-data'],
    ['slow', 'not-enough-data'],
    ['invalid', 'not-applicable'],
    ['failed-relative', 'not-enough-data'],
    ['slow-relative', 'not-enough-data'],
    ['rejected-relative', 'not-enough-data'],
    ['invalid-relative', 'not-applicable'],
    ['share', 'pass'],
  ]);
  expect(gates[0]!.sentence).toMatch('failed whose tokens this edge cannot verify: JWKS_URL, JWT_ISSUER, JWT_AUDIENCE');
});
