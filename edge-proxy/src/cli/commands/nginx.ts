import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplyError, applyConfiguration } from '@fit/nginx/apply';
import { findNginx, whatIsMissing } from '@fit/nginx/find-nginx';
import { renderConfiguration } from '@fit/nginx/render';
import type { Rendered } from '@fit/nginx/render';
import type { RoutingPlan } from '@fit/nginx/routing-plan';
import { openNginxFolder } from '@fit/nginx/settings';
import type { NginxFolder } from '@fit/nginx/settings';
import { TOPOLOGIES } from '@fit/nginx/topology';
import type { Topology } from '@fit/nginx/topology';
import { FolderInUseError } from '@fit/service-kit/exclusive-lock';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Routing } from '../../admin-api/schemas.ts';
import type { CommandContext, Io } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';

type NginxOptions = { topology: Topology; folder: string };

/** `edgectl nginx …`: the configuration of the Nginx in front, made from what the edge has in force. */
export function addNginxCommands(program: Command, context: CommandContext): void {
  const nginx = program.command('nginx').description('the Nginx in front: its configuration from the weights in force');

  withOptions(nginx.command('render'), context.io)
    .description('print the configuration')
    .option('--out <file>', 'write it to a file instead')
    .action(async ({ topology, folder, out }: NginxOptions & { out?: string }) => {
      const { rendered } = await prepare(topology, folder, context);
      const { revision, text } = rendered;
      if (out !== undefined) await writeTo(out, text);
      context.print({ topology, revision, ...(out === undefined ? { text } : { out }) }, out === undefined ? text : '');
    });

  withOptions(nginx.command('apply'), context.io)
    .description('render, check with nginx -t, swap, reload, verify with a request; restore on failure')
    .option('--probe <path>', 'what to ask for through the reloaded nginx; a 5xx restores', parseProbe, '/health')
    .action(async ({ topology, folder, probe }: NginxOptions & { probe: string }) => {
      const { place, rendered, plan } = await prepare(topology, folder, context);
      const tookMs = Math.round(await apply(place, rendered, probe));
      const { revision } = rendered;
      context.print({ topology, revision, tookMs }, appliedText({ topology, revision, tookMs, plan }));
    });
}

function withOptions(command: Command, { env }: Io): Command {
  return command
    .addOption(
      new Option('--topology <name>', 'edge: through the edges; direct: nginx splits, no edge in the path')
        .choices(TOPOLOGIES)
        .makeOptionMandatory(),
    )
    .option(
      '--folder <folder>',
      'where nginx has settings.json and nginx.conf',
      join(env['FIT_DATA_DIR'] || '.data', 'nginx'),
    );
}

function parseProbe(text: string): string {
  if (/^\/(?!\/)[\x21-\x7e]*$/.test(text)) return text;
  throw new InvalidArgumentError('Must be a path.');
}

type Prepared = { place: NginxFolder; plan: RoutingPlan; rendered: Rendered };

async function prepare(topology: Topology, folder: string, { connect }: CommandContext): Promise<Prepared> {
  const place = openNginxFolder(folder);
  const plan = planOf(await (await connect()).getRouting());
  const missing = topology === 'direct' ? whatIsMissing(topology) : undefined;
  if (missing) throw new CommandError(EXIT.usage, missing);
  return { place, plan, rendered: renderConfiguration(topology, { ...place, plan, ...findNginx() }) };
}

function planOf({ upstreams, default_upstream, internal_paths, routes }: Routing): RoutingPlan {
  return { upstreams, defaultUpstream: default_upstream, internalPaths: internal_paths, routes };
}

async function apply(place: NginxFolder, rendered: Rendered, probePath: string): Promise<number> {
  try {
    return await applyConfiguration({ ...place, rendered, probePath });
  } catch (error) {
    if (error instanceof ApplyError || error instanceof FolderInUseError) {
      throw new CommandError(EXIT.refused, error.message, { cause: error });
    }
    throw error;
  }
}

async function writeTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new CommandError(EXIT.usage, `${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

type Applied = { topology: Topology; revision: string; tookMs: number; plan: RoutingPlan };

function appliedText({ topology, revision, tookMs, plan }: Applied): string {
  const head = `nginx serves topology ${topology}, configuration ${revision}, ${tookMs} ms after the swap.\n`;
  if (topology === 'edge') return `${head}The edges decide who is served by which side.\n`;
  const splits = plan.routes.map(({ route, weight, sides }) => `${route}: ${weight} % of users at ${sides.new}\n`);
  return `${head}${splits.join('')}`;
}
