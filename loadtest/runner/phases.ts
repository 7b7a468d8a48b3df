import { setTimeout as delay } from 'node:timers/promises';
import { OBJECTIVE_WEIGHTS, ROLLOUT_WEIGHTS } from '../src/scenarios.ts';
import type { K6Result } from './k6.ts';
import type { RouteWeight, WeightChange } from './route-weight.ts';
import type { Settings } from './settings.ts';

/** One run of k6, and the weights that were in force meanwhile. */
export type Phase = K6Result & {
  name: string;
  startedAt: number;
  endedAt: number;
  /** In their order, the one before the first question included; empty where weights cannot be read. */
  changes: WeightChange[];
};

export type PhaseOptions = {
  settings: Pick<Settings, 'scenario' | 'load' | 'weight'>;
  /** Undefined where no admin API is known. */
  weight: RouteWeight | undefined;
  /** Runs the load once, to its end. */
  runLoad: (signal: AbortSignal) => Promise<K6Result>;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** Everything that a scenario does, one phase after another. k6 ends when its last request has, so phases do not mix. */
export async function runPhases(options: PhaseOptions): Promise<Phase[]> {
  const { settings, weight } = options;
  if (settings.scenario === 'objective') {
    const phases: Phase[] = [];
    for (const percent of OBJECTIVE_WEIGHTS) phases.push(await runAt(percent, `weight ${percent}`, options));
    return phases;
  }
  if (settings.scenario === 'rollout') return [await runRollout(options)];
  return [await runAt(settings.weight, settings.scenario, options, weight?.found)];
}

async function runAt(
  percent: number | 'keep',
  name: string,
  { weight, runLoad, say, signal, settings }: PhaseOptions,
  found?: number,
): Promise<Phase> {
  const changes = percent === 'keep' ? unchanged(found) : [await set(percent, weight)];
  const [change] = changes;
  say(`${settings.scenario}${change ? ` at weight ${change.weight}` : ''}: ${describeLoad(settings)} …`);
  const startedAt = Date.now();
  const result = await runLoad(signal);
  const endedAt = Date.now();
  await weight?.check();
  return { name, startedAt, endedAt, changes, ...result };
}

async function runRollout({ settings, weight, runLoad, say, signal }: PhaseOptions): Promise<Phase> {
  const changes = [await set(ROLLOUT_WEIGHTS[0], weight)];
  say(`rollout: ${describeLoad(settings)} while the weight moves …`);
  // The load that ends, or a change that fails, ends the other one too.
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const startedAt = Date.now();
  const load = runLoad(both).finally(() => ended.abort());
  const moves = moveWeights({ changes, startedAt, seconds: settings.load.seconds, weight, say, signal: both });
  const [result, moved] = await Promise.allSettled([load, moves.catch((error: unknown) => stopBoth(error, ended))]);
  signal.throwIfAborted();
  if (moved.status === 'rejected') throw moved.reason;
  if (result.status === 'rejected') throw result.reason;
  const endedAt = Date.now();
  await weight?.check();
  return { name: 'rollout', startedAt, endedAt, changes, ...result.value };
}

type Moves = {
  /** Grows. */
  changes: WeightChange[];
  startedAt: number;
  seconds: number;
  weight: RouteWeight | undefined;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** Each weight for an equal part of the time; the last one is a rollback, as an operator in trouble has it. */
async function moveWeights({ changes, startedAt, seconds, weight, say, signal }: Moves): Promise<void> {
  const partMs = (seconds * 1000) / ROLLOUT_WEIGHTS.length;
  for (const [index, percent] of ROLLOUT_WEIGHTS.entries()) {
    if (index === 0) continue;
    await delay(Math.max(0, startedAt + index * partMs - Date.now()), undefined, { signal });
    const isLast = index === ROLLOUT_WEIGHTS.length - 1;
    const change = isLast ? await weight?.rollBack() : await set(percent, weight);
    if (change) changes.push(change);
    say(`  ${isLast ? 'rolled back to' : 'weight'} ${percent}`);
  }
}

/** The load's own end interrupts the wait for a change that is no longer due; everything else is an error. */
function stopBoth(error: unknown, ended: AbortController): void {
  if (ended.signal.aborted) return;
  ended.abort();
  throw error;
}

async function set(percent: number, weight: RouteWeight | undefined): Promise<WeightChange> {
  if (!weight) throw new Error('a weight is set only where an admin API is known');
  return await weight.set(percent);
}

function unchanged(found: number | undefined): WeightChange[] {
  return found === undefined ? [] : [{ weight: found, askedAt: 0, answeredAt: 0 }];
}

function describeLoad({ scenario, load }: PhaseOptions['settings']): string {
  const { seconds, rate } = load;
  const users = { objective: '100 users at once', spike: '20 to 300 users at once', soak: '30 users at once' };
  if (scenario === 'smoke') return '30 requests';
  if (scenario === 'stress') return `up to ${rate} requests a second in ${seconds} s`;
  if (scenario === 'rollout') return `${rate} requests a second for ${seconds} s`;
  return `${users[scenario]} for ${seconds} s`;
}
