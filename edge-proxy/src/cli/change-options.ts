import type { Command } from 'commander';
import type { AdminClient } from './admin-client.ts';
import { parseReason, parseRevision, secondsFrom } from './arguments.ts';

/** What every change of a route takes. */
export type ChangeOptions = { reason?: string; wait?: number | true };
/** Of changes that follow a revision. */
export type FollowingOptions = ChangeOptions & { revision?: number };

export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the audit log; asked for on a terminal', parseReason);
}

export function withChangeOptions(command: Command): Command {
  return withReason(command).option(
    '--wait [seconds]',
    'until every edge serves the change: at most 10 seconds, or so many (0 to 30)',
    secondsFrom(0, 30),
  );
}

export function withFollowingOptions(command: Command): Command {
  return withChangeOptions(command).option(
    '--revision <n>',
    'the revision that you have seen (default: the current one)',
    parseRevision,
  );
}

/** Undefined: nobody waits. */
export function waitMsOf({ wait }: ChangeOptions): number | undefined {
  return wait === true ? 10_000 : wait;
}

/** The revision that a change is to follow: the one that was named, else the current one. */
export async function revisionFor(client: AdminClient, route: string, { revision }: FollowingOptions): Promise<number> {
  return revision ?? (await client.getRoute(route)).revision;
}
