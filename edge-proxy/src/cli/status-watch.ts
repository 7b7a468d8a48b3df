import { isDeepStrictEqual } from 'node:util';
import type { RouteView } from '../admin-api/schemas.ts';
import type { AdminClient } from './admin-client.ts';
import type { CommandContext, Io } from './command-context.ts';
import { lookAgain } from './look-again.ts';
import { printable, readableTime, wrapped } from './printable.ts';
import { paint, renderRows } from './table.ts';
import type { Column } from './table.ts';
import { STATUS_COLUMNS, statusText, storeTrouble } from './status-table.ts';
import type { Seen } from './status-table.ts';

/** Where what is seen goes. */
type Display = {
  show: (seen: Seen) => void;
  /** The admin API does not answer: why. Told at each attempt. */
  lost: (why: string) => void;
};

/** @param signal gives up */
export async function lookAt(client: AdminClient, signal?: AbortSignal): Promise<Seen> {
  const [routes, { store }] = await Promise.all([client.listRoutes(signal), client.getReplicas(signal)]);
  return { store, routes };
}

/**
 * Shows the routes until Ctrl-C: on a terminal in place, else line by line as they change.
 *
 * @throws CommandError if the first look fails, or if the token is no longer good
 */
export async function watchStatus(client: AdminClient, context: CommandContext, everyMs: number): Promise<void> {
  const interrupted = context.io.interrupted?.() ?? new AbortController().signal;
  const { show, lost } = displayFor(client.url, context);
  await lookAgain({ look: async () => await lookAt(client, interrupted), show, lost, everyMs, interrupted });
}

function displayFor(url: string, { io, isJson }: CommandContext): Display {
  if (isJson()) return appended(io, (routes) => routes.map((route) => `${JSON.stringify(route)}\n`));
  return io.columns ? redrawn(url, io) : appended(io, linesOf(io));
}

/** In place, from the top of the terminal. */
function redrawn(url: string, io: Io): Display {
  let known = '';
  let isFirst = true;
  const draw = (head: string, body: string) => {
    // One line more than the terminal has, and all of it would scroll.
    const lines = `${head}\n${body}`
      .trimEnd()
      .split('\n')
      .slice(0, (io.rows?.() ?? Infinity) - 1);
    io.out(`${isFirst ? '\u001b[2J' : ''}\u001b[H${lines.join('\u001b[K\n')}\u001b[K\n\u001b[J`);
    isFirst = false;
  };
  return {
    show: (seen) => {
      known = statusText(seen, io);
      draw(wrapped(`${url}, ${now()}. Ctrl-C ends.`, io.columns!()), known);
    },
    lost: (why) => {
      const message = wrapped(printable(`CONNECTION LOST, ${now()}: ${why}. Last seen:`), io.columns!());
      draw(paint({ text: message.trimEnd(), style: 'red' }, 0, io.colour) + '\n', known);
    },
  };
}

/** One line after another, only those that changed. */
function appended(io: Io, linesFor: (routes: readonly RouteView[], isFirst: boolean) => string[]): Display {
  let shown = new Map<string, RouteView>();
  let isLost = false;
  let knownTrouble: string | undefined;
  let isFirst = true;
  return {
    show: ({ store, routes }) => {
      if (isLost) io.err('edgectl: the connection is back\n');
      isLost = false;
      const trouble = storeTrouble(store);
      if (trouble !== knownTrouble) io.err(`edgectl: ${trouble ?? `the ${store.kind} store is back`}\n`);
      knownTrouble = trouble;
      const lines = linesFor(routes, isFirst);
      const header = lines.length - routes.length;
      if (isFirst) for (const line of lines.slice(0, header)) io.out(line);
      for (const [at, route] of routes.entries()) {
        if (!isDeepStrictEqual(shown.get(route.route), route)) io.out(lines[header + at]!);
      }
      shown = new Map(routes.map((route) => [route.route, route]));
      isFirst = false;
    },
    lost: (why) => {
      if (!isLost) io.err(`edgectl: connection lost: ${printable(why)}\n`);
      isLost = true;
    },
  };
}

/** A header, and a line a route with the time at which it was seen. */
function linesOf(io: Io): (routes: readonly RouteView[]) => string[] {
  const time: Column<RouteView> = { header: 'TIME', cell: now };
  return (routes) => renderRows([time, ...STATUS_COLUMNS], routes, io);
}

function now(): string {
  return readableTime(new Date().toISOString());
}
