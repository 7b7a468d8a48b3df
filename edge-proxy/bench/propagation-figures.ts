import { sideOfHash } from '../src/domain/split.ts';
import { misplaced } from '../test/control/users.ts';
import type { Asked, Step } from '../test/control/users.ts';
import { figureOf, percentile } from './figures.ts';

/** Of one value for each change, in milliseconds. */
export type Times = { median: number; p95: number; max: number };

export type Propagation = {
  store: string;
  edges: number;
  changes: number;
  requests: number;
  requestsPerSecond: number;
  /** From the question until a user whom it moves was answered by the new side, at the last edge to do so. */
  inForce: Times;
  /** From the question until the answer that every edge serves it. */
  acknowledged: Times;
  /** Anything but a 200 of a side, without a fallback. */
  failed: number;
  /** Served as no weight demanded that may have been in force. */
  misrouted: number;
};

export type Measured = {
  store: string;
  edges: number;
  /** The weight before the first change, then one for each of them. */
  steps: readonly Step[];
  asked: readonly Asked[];
  seconds: number;
};

export function propagationOf({ store, edges, steps, asked, seconds }: Measured): Propagation {
  const changes = steps.slice(1);
  const failed = asked.filter(({ by }) => by !== 'legacy' && by !== 'coach').length;
  return {
    store,
    edges,
    changes: changes.length,
    requests: asked.length,
    requestsPerSecond: asked.length / seconds,
    inForce: timesOf(changes.map((_, at) => inForceMs(asked, steps.slice(at, at + 3), edges))),
    acknowledged: timesOf(changes.map(({ askedAt, inForceAt }) => inForceAt - askedAt)),
    failed,
    misrouted: misplaced(asked, steps).length - failed,
  };
}

/** @param steps the one before the change, the change, and the one after it if there is one; Infinity if it was never met */
function inForceMs(asked: readonly Asked[], [before, change, after]: readonly Step[], edges: number): number {
  const { askedAt, weight } = change!;
  const until = after?.askedAt ?? Infinity;
  const firstAt = Array.from({ length: edges }, () => Infinity);
  for (const { user, edge, answeredAt, by } of asked) {
    if (answeredAt < askedAt || answeredAt >= until || answeredAt >= firstAt[edge]!) continue;
    const side = sideOfHash(user.hash, weight);
    if (side === sideOfHash(user.hash, before!.weight)) continue;
    if (by === (side === 'new' ? 'coach' : 'legacy')) firstAt[edge] = answeredAt;
  }
  return Math.max(...firstAt) - askedAt;
}

function timesOf(values: readonly number[]): Times {
  const { median, max } = figureOf(values);
  return { median, p95: percentile(values, 0.95), max };
}

export function propagationText(all: readonly Propagation[]): string {
  return all.map(sectionText).join('\n');
}

function sectionText({ store, edges, changes, requests, requestsPerSecond, ...found }: Propagation): string {
  const row = (name: string, { median, p95, max }: Times) =>
    `  ${name.padEnd(36)}${[median, p95, max].map((value) => value.toFixed(1).padStart(9)).join('')}\n`;
  return (
    `${edges} ${edges === 1 ? 'edge' : 'edges'}, store: ${store}; ${changes} changes, ` +
    `${requestsPerSecond.toFixed(0)} requests/s (${requests} in all)\n` +
    `  ${'milliseconds'.padEnd(36)}${['median', 'p95', 'max'].map((name) => name.padStart(9)).join('')}\n` +
    row('until every edge serves it', found.inForce) +
    row('until the answer that all serve it', found.acknowledged) +
    `  failed ${found.failed}, misrouted ${found.misrouted}\n`
  );
}
