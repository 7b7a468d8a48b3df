import { rampPlanSchema } from '../../domain/ramp-plan.ts';
import { evidenceOf } from './people.ts';
import type { People } from './people.ts';
import type { Replica, ReplicaOptions } from './replica.ts';

/** Of the ramps that are started where no other plan is named. */
export const PLAN = '10 %, 50 % for 60 s, 100 %';
export const who = { route: 'wod', changedBy: 'ops@fit.example' };

/** Edges on one store whose clock is moved by hand. */
export type RampingFleet = { edges: readonly Replica[]; passTime: (ms: number) => void };

export const stateOf = (edge: Replica) => edge.holder.current.get('wod')!;

/** `10 % running` */
export function rampOf(edge: Replica): string {
  const { weight, ramp } = stateOf(edge);
  return `${weight / 100} % ${ramp?.phase}`;
}

/** So many edges, of which the first leads; a ramp of `wod` under way. */
export async function startRampingFleet(
  replica: (options?: ReplicaOptions) => Promise<Replica>,
  count: number,
  plan: object = { steps: PLAN },
): Promise<RampingFleet> {
  let clock = Date.parse('2026-03-01T03:00:00Z');
  const now = () => new Date(clock);
  const first = await replica({ now });
  const edges = [first];
  for (let at = 1; at < count; at++) {
    edges.push(await replica({ id: `edge-${at + 1}`, store: first.store.another(), now }));
  }
  await first.plane.judge();
  const expected = stateOf(first).revision;
  const request = { ...who, plan: rampPlanSchema.parse(plan), expected, reason: 'let it run' };
  const { kind } = await first.control.startRamp(request);
  if (kind !== 'changed') throw new Error(`the ramp was not started: ${kind}`);
  for (const edge of edges) await edge.plane.round();
  return { edges, passTime: (ms) => void (clock += ms) };
}

/** What an edge sees of the people of the epoch in force, and all edges look at it. */
export async function meet(edges: readonly Replica[], people: Partial<People> = {}): Promise<void> {
  for (const edge of edges) {
    const { epoch, weight } = stateOf(edge);
    edge.sees(evidenceOf({ epoch: epoch.revision, weight, ...people }));
  }
  // Those who do not lead say what they saw first.
  for (const edge of edges.toReversed()) await edge.plane.judge();
  for (const edge of edges) await edge.plane.judge();
  for (const edge of edges) await edge.plane.round();
}
