import type { Command } from 'commander';
import type { ParityView, RouteView } from '../../admin-api/schemas.ts';
import { parsePercent } from '../arguments.ts';
import { reasonFor } from '../ask.ts';
import { revisionFor, waitMsOf, withFollowingOptions } from '../change-options.ts';
import type { FollowingOptions } from '../change-options.ts';
import type { CommandContext } from '../command-context.ts';
import { percentText, printableLine, readableTime } from '../printable.ts';
import { reportChange } from '../report-change.ts';

type Field = ParityView['fields'][number];
type LiveChecks = ParityView['live']['old'];

/** `edgectl mirror` and `edgectl parity` */
export function addMirrorCommands(program: Command, context: CommandContext): void {
  withFollowingOptions(program.command('mirror').argument('<route>'))
    .description('copy a share of safe requests to the side that does not answer them, and compare; 0 ends it')
    .argument('<percent>', '0 to 100 in steps of 0.01, with or without %', parsePercent)
    .action(async (route: string, share: number, options: FollowingOptions) => {
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const follow = { revision: await revisionFor(client, route, options), waitMs: waitMsOf(options) ?? 0 };
      const changed = await client.order(route, 'mirror', { share, reason }, follow);
      const did = { what: `mirror ${percentText(changed.mirror_share)}` };
      await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
    });

  program
    .command('parity')
    .description('whether both sides answer the same: counts, then each field that differed with an example')
    .argument('<route>')
    .action(async (route: string) => {
      const client = await context.connect();
      const [parity, view] = await Promise.all([client.getParity(route), client.getRoute(route)]);
      context.print(parity, parityText(parity, view));
    });
}

function parityText(parity: ParityView, { path, sides }: RouteView): string {
  const { route, sentence, mirror_share, since_revision, skipped, fields, live } = parity;
  const mirrored = `${percentText(mirror_share)} of safe requests are mirrored, since revision ${since_revision}.`;
  const lines = [
    `${route}: ${sentence}`,
    ...(mirror_share > 0 ? [mirrored] : []),
    ...(Object.keys(skipped).length > 0 ? [`Not compared: ${countsText(skipped)}.`] : []),
    ...(fields.length > 0 ? ['', path, ...fields.flatMap(fieldLines)] : []),
    ...liveLines(live, sides),
  ];
  return lines.map((line) => `${printableLine(line)}\n`).join('');
}

/** A field, then its examples. */
function fieldLines({ field, pairs, samples }: Field): string[] {
  return [
    `  ${field}: ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}`,
    ...samples.flatMap(({ at, request_id, old, new: fresh }) => [
      `    ${readableTime(at)}, request ${request_id}`,
      `      old ${old ?? '(nothing)'}`,
      `      new ${fresh ?? '(nothing)'}`,
    ]),
  ];
}

function liveLines(live: ParityView['live'], sides: RouteView['sides']): string[] {
  if (live.old.checked + live.new.checked === 0) return [];
  const line = (name: string, { checked, broken, rules }: LiveChecks) =>
    `  ${name}: ${checked} checked, ${broken} broke a rule${broken > 0 ? ` (${countsText(rules)})` : ''}`;
  return ['', 'Answers to people', line(sides.old, live.old), line(sides.new, live.new)];
}

/** `refused 3, too-large 1` */
function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([why, count]) => `${why} ${count}`)
    .join(', ');
}
