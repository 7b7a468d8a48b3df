import { EDGE_FALLBACK, EDGE_PREFER, SERVED_BY } from '@fit/contracts/headers';
import type { AuditEntry, RouteView } from './admin-api.ts';
import type { Fault } from './coach-orders.ts';
import { STEP_WITHIN_MS, adminUrl, everywhere, livingEdges, orderRelease } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Edge } from './stack.ts';
import { until } from '@fit/test-kit/until';

/** As the admin API takes it. */
export type Plan = { steps: string; minimumUsers: number; gates?: { slowPercent: number } };

/** People whom the new side served well before it turns bad. */
const WELL_SERVED = 5;

/** A ramp that nobody touches after its start. @returns its audit entries, oldest first @throws Error if it is rolled back */
export async function rampToTheEnd(scene: Scene, plan: Plan, reason: string): Promise<readonly AuditEntry[]> {
  const { api } = scene.stack;
  const id = await api.startRamp(adminUrl(scene), plan, reason);
  return await completed(scene, id, plan);
}

export type RolledBack = {
  /** Of this ramp, oldest first. */
  entries: readonly AuditEntry[];
  /** What became of it: the entry that took everybody back. */
  entry: AuditEntry;
  /** All milliseconds since 1970; the first: when the release got a request that it answered badly. */
  firstBadAt: number;
  decidedAt: number;
  /** When each edge was first seen at weight 0, by its name. */
  backAt: Readonly<Record<string, number>>;
  /** The last of these. */
  everywhereAt: number;
};

export type BadRelease = {
  fault: Fault;
  /** Once this is in force and people are served well, it turns bad. */
  weight: number;
  /** It has just turned bad. */
  turned?: () => void;
};

/** A ramp under which the coach turns bad. */
export async function rampUntilRolledBack(
  scene: Scene,
  plan: Plan,
  { fault, weight, turned }: BadRelease,
): Promise<RolledBack> {
  const { stack, traffic } = scene;
  const id = await stack.api.startRamp(adminUrl(scene), plan, `a release that will turn bad: ${fault}`);
  await everywhere(scene, weight);
  const since = Date.now();
  await until(
    `serving ${WELL_SERVED} people well`,
    () => new Set(traffic.since(since).flatMap((each) => (each.servedBy === 'coach' ? each.person : []))).size,
    { holds: (people) => people >= WELL_SERVED, withinMs: STEP_WITHIN_MS },
  );
  await orderRelease(scene, { turn: fault });
  turned?.();
  const backAt = Object.fromEntries(await Promise.all(livingEdges(scene).map((edge) => backOn(scene, edge))));
  const { firstBadAt } = await orderRelease(scene, {});
  const entries = await auditSince(scene, id);
  const entry = entries.find(({ after }) => after.weight === 0);
  if (!entry || firstBadAt === null)
    throw new Error(`No edge has an entry of the rollback: ${JSON.stringify(entries)}`);
  const everywhereAt = Math.max(...Object.values(backAt));
  return { entries, entry, firstBadAt, decidedAt: Date.parse(entry.at), backAt, everywhereAt };
}

/** The next release, which is good; a tester has looked at it through every edge. */
export async function mendRelease(scene: Scene): Promise<void> {
  const { testerToken } = scene.stack;
  await orderRelease(scene, { turn: 'good' });
  const headers = { authorization: `Bearer ${testerToken}`, [EDGE_PREFER]: 'coach' };
  const look = async ({ process }: Edge) => {
    const answer = await fetch(`${process.url}/fitness/wod`, { headers });
    await answer.body?.cancel();
    const { health } = await scene.stack.api.route(process.adminUrl);
    const isFromCoach = answer.headers.get(SERVED_BY) === 'coach' && answer.headers.get(EDGE_FALLBACK) === null;
    return { isFromCoach, state: health.new.state };
  };
  await Promise.all(
    livingEdges(scene).map((edge) =>
      until(`healthy on ${edge.id}`, () => look(edge), {
        holds: ({ isFromCoach, state }) => isFromCoach && state === 'healthy',
        withinMs: STEP_WITHIN_MS,
      }),
    ),
  );
}

export type LeaderLost = {
  /** Of this ramp, oldest first. */
  entries: readonly AuditEntry[];
  killed: string;
  successor: string;
  /** From the kill until another edge leads. */
  replacedAfterMs: number;
  /** As the successor found it. */
  found: Pick<RouteView, 'weight' | 'ramp'>;
};

export type Loss = {
  /** Once this is in force, the leader is killed. */
  weight: number;
  killed?: (leader: Edge) => void;
  replaced?: (successor: Edge, afterMs: number) => void;
};

/** A ramp under which the edge that leads it is killed. */
export async function rampThroughLostLeader(scene: Scene, plan: Plan, loss: Loss): Promise<LeaderLost> {
  const id = await scene.stack.api.startRamp(adminUrl(scene), plan, 'the mended release');
  await everywhere(scene, loss.weight);
  const leader = await leaderOf(scene);
  const killedAt = performance.now();
  await leader.process.kill();
  loss.killed?.(leader);
  const successor = await leaderOf(scene);
  const replacedAfterMs = performance.now() - killedAt;
  loss.replaced?.(successor, replacedAfterMs);
  const found = await scene.stack.api.route(successor.process.adminUrl);
  const entries = await completed(scene, id, plan);
  return { entries, killed: leader.id, successor: successor.id, replacedAfterMs, found };
}

/** The edge that leads, as soon as exactly one of those that live says that it does. */
async function leaderOf(scene: Scene): Promise<Edge> {
  const leading = async () => {
    const edges = livingEdges(scene);
    const verdicts = await Promise.all(edges.map(({ process }) => scene.stack.api.verdict(process.adminUrl)));
    return edges.filter((_edge, at) => verdicts[at]!.is_leading);
  };
  const [leader] = await until('led by one edge', leading, {
    holds: (edges) => edges.length === 1,
    withinMs: STEP_WITHIN_MS,
  });
  return leader!;
}

async function backOn({ stack }: Scene, { id, process }: Edge): Promise<[string, number]> {
  await until(`back at 0 % on ${id}`, () => stack.api.route(process.adminUrl), {
    holds: ({ weight }) => weight === 0,
    withinMs: STEP_WITHIN_MS,
  });
  return [id, Date.now()];
}

async function completed(scene: Scene, id: number, { steps }: Plan): Promise<readonly AuditEntry[]> {
  const { ramp, sentence } = await until('completed', () => scene.stack.api.route(adminUrl(scene)), {
    holds: (route) => route.ramp?.phase !== 'running',
    withinMs: STEP_WITHIN_MS * steps.split(',').length,
  });
  if (ramp?.phase !== 'completed') throw new Error(`The ramp was not completed: ${sentence}`);
  return await auditSince(scene, id);
}

async function auditSince(scene: Scene, revision: number): Promise<readonly AuditEntry[]> {
  const entries = await scene.stack.api.audit(adminUrl(scene));
  return entries.filter((entry) => entry.revision >= revision).toReversed();
}
