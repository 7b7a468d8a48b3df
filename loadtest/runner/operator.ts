import { runSeconds } from '../src/scenarios.ts';
import { usageError } from './failures.ts';
import { logInOperator } from './log-in.ts';
import type { Settings } from './settings.ts';
import { payloadOf } from './token-payload.ts';

const OPERATOR = 'operator@fit.example';

type Run = Pick<Settings, 'scenario' | 'load'>;

/**
 * The operator's token that somebody brings along; a run that outlives it could not restore the weight.
 *
 * @returns undefined if there is none
 * @throws LoadTestError if it ends before the run does
 */
export function ownOperatorToken(env: NodeJS.ProcessEnv, { scenario, load }: Run, nowMs: number): string | undefined {
  const token = env['EDGE_ADMIN_TOKEN']?.trim() || undefined;
  const endsAt = (payloadOf(token ?? '').exp ?? Infinity) * 1000;
  const needed = runSeconds(scenario, load.seconds);
  if (endsAt >= nowMs + needed * 1000) return token;
  throw usageError(
    `EDGE_ADMIN_TOKEN ends at ${new Date(endsAt).toISOString()}, and ${scenario} takes up to ${needed} s from now`,
  );
}

/** Logs the demo operator in for as long as the run takes. */
export async function demoOperatorToken(
  { scenario, load }: Run,
  login: { url: string; password: string; signal: AbortSignal },
): Promise<string> {
  return await logInOperator({ ...login, email: OPERATOR, seconds: runSeconds(scenario, load.seconds) });
}
