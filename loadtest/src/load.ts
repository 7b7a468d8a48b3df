import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import type { RefinedResponse } from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
import { sleep } from 'k6';
import { SIDES, formatAnswer } from './answer-line.ts';
import type { Answer, Side } from './answer-line.ts';
import type { Plan } from './plan.ts';
import { SCENARIOS } from './scenarios.ts';
import { workoutViolation } from './workout-contract.ts';

/** k6's own; its types leave it out. */
declare const console: { log: (line: string) => void };

/** People ask for their workout of the day, as a plan says; each answer is one line of the console. Started by the runner. */
const plan = JSON.parse(open(__ENV['PLAN'] ?? '')) as Plan;
const spec = SCENARIOS[plan.scenario];
const tokens = new SharedArray('tokens', () => open(plan.tokensFile).trim().split('\n').slice(0, plan.people));

const workoutDuration = new Trend('workout_duration', true);
const workoutFailed = new Rate('workout_failed');

/** Longer than every deadline behind it, so that what answers late is seen as late and not as silent. */
const TIMEOUT = '30s';

export const options: Options = {
  scenarios: { [plan.scenario]: { ...spec.scenario(plan), exec: 'askForWorkout' } },
  thresholds: spec.thresholds(plan),
  insecureSkipTLSVerify: plan.skipsTlsVerification,
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
};

export function askForWorkout(): void {
  const person = whoAsks();
  const askedAt = Date.now();
  const response = http.get(plan.url, {
    headers: { authorization: `Bearer ${tokens[person]}`, accept: 'application/json' },
    timeout: TIMEOUT,
    redirects: 0,
    responseType: 'text',
  });
  const elapsedMs = Date.now() - askedAt;
  record({ askedAt, elapsedMs, person, ...readResponse(response) });
  if (spec.thinkSeconds > 0) sleep(spec.thinkSeconds);
}

/** k6's own word on its thresholds, for the runner; nothing on the terminal. */
export function handleSummary(data: unknown): Record<string, string> {
  return { [plan.summaryFile]: JSON.stringify(data) };
}

/**
 * With people at the same time each virtual user has people of its own, who take turns: no two of them are ever the same
 * person. Where a rate drives, all take turns.
 */
function whoAsks(): number {
  if (spec.atOnce === 0) return exec.scenario.iterationInTest % tokens.length;
  const turns = Math.max(1, Math.floor(tokens.length / spec.atOnce));
  const turn = exec.vu.iterationInScenario % turns;
  return ((exec.vu.idInTest - 1) % spec.atOnce) + turn * spec.atOnce;
}

type FromResponse = Omit<Answer, 'askedAt' | 'elapsedMs' | 'person'>;

function readResponse(response: RefinedResponse<'text'>): FromResponse {
  const { status, headers, timings } = response;
  const servedBy = headers['X-Served-By'];
  const side = SIDES.find((each) => each === servedBy);
  return {
    status,
    side,
    fallback: headers['X-Edge-Fallback'],
    durationMs: timings.duration,
    fault: faultOf(response, side),
  };
}

function faultOf(response: RefinedResponse<'text'>, side: Side | undefined): string | undefined {
  const { status, body, error, headers } = response;
  if (status === 0) return error || 'no answer';
  if (status !== 200) return `${status} ${problemType(body)}`;
  if (side === undefined) {
    return `X-Served-By: must be ${SIDES.join(' or ')}, received ${JSON.stringify(headers['X-Served-By'] ?? null)}`;
  }
  return workoutViolation(parseJson(body));
}

function problemType(body: string | null): string {
  const problem = parseJson(body) as { type?: unknown } | null | undefined;
  return typeof problem?.type === 'string' ? problem.type : 'without a problem document';
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function record(answer: Answer): void {
  workoutDuration.add(answer.durationMs);
  workoutFailed.add(answer.fault !== undefined);
  console.log(formatAnswer(answer));
}
