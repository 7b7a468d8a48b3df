import type { ChangedRoute } from '../admin-api/schemas.ts';
import type { AdminClient } from './admin-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { percentText, printable } from './printable.ts';

type Reporting = {
  client: AdminClient;
  context: CommandContext;
  waitMs: number | undefined;
  /** What the command did besides the weight, and what follows from it; nothing for the weight alone. */
  did?: { what: string; notes?: readonly string[] };
};

/** Says what a change did; one that was waited for in vain ends the command with another code. */
export async function reportChange(changed: ChangedRoute, { client, context, waitMs, did }: Reporting): Promise<void> {
  context.print(changed, changeText(changed, did));
  const { serving, replicas } = changed.acknowledged;
  if (waitMs === undefined || serving >= replicas) return;
  const behind = await edgesBehind(client, changed);
  throw new CommandError(
    EXIT.unreachable,
    `the change is made, but after ${waitMs / 1000} s not every edge serves revision ${changed.revision}${behind}`,
  );
}

/** `: edge-2 serves revision 3`, or where to look if nobody is behind any more, or nobody can say. */
async function edgesBehind(client: AdminClient, { route, revision }: ChangedRoute): Promise<string> {
  const list = await client.getReplicas().catch(() => undefined);
  const behind = (list?.replicas ?? []).filter(
    ({ revisions, state }) => state === 'silent' || (revisions[route] ?? -1) < revision,
  );
  const words = behind.map(({ id, revisions, state, seen_seconds_ago }) => {
    const served = revisions[route] === undefined ? 'none' : `revision ${revisions[route]}`;
    if (state === 'live') return `${id} serves ${served}`;
    return `${id} served ${served} when last heard of ${Math.round(seen_seconds_ago)} s ago`;
  });
  return words.length > 0 ? `: ${words.join(', ')}` : '; look with edgectl replicas';
}

function changeText(changed: ChangedRoute, did: Reporting['did']): string {
  const { route, before, weight, revision, acknowledged, stored } = changed;
  const revisions = `(revision ${before.revision} → ${revision})`;
  const movesNobody = before.weight === weight;
  const lines = [
    ...(did && movesNobody
      ? [`${route}: ${did.what} ${revisions}`]
      : [`${route}: ${did ? `${did.what}, ` : ''}${before.weight} % → ${weight} % ${revisions}`, movement(changed)]),
    ...(did?.notes ?? []),
    `acknowledged: ${acknowledged.serving} of ${acknowledged.replicas}`,
    ...(stored ? [] : [NOT_STORED]),
  ];
  return printable(`${lines.join('\n')}\n`);
}

const NOT_STORED =
  'The store is out of reach: this is in force on this edge only, and is stored once the store is back. ' +
  'Run it on each other edge too: edgectl --url http://HOST:PORT rollback …';

function movement({ before, weight, sides, path }: ChangedRoute): string {
  const moved = percentText(Math.abs(weight - before.weight));
  if (weight === before.weight) return `Nobody moved.`;
  const [from, to] = weight > before.weight ? [sides.old, sides.new] : [sides.new, sides.old];
  const isEverybody = moved === '100 %';
  const who = isEverybody ? 'All users' : `${moved} of the users`;
  const others = isEverybody ? '' : '; all others stay where they were';
  return `${who} of ${path} moved from ${from} to ${to}${others}.`;
}
