import { Option } from 'commander';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { RouteView, Routing } from '../../admin-api/schemas.ts';
import type { AdminClient } from '../admin-client.ts';
import { secondsFrom } from '../arguments.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { httpRoute, serviceOf, whyNoHttpRoute } from '../http-route.ts';
import type { HttpRoute, RouteParent, ServicePort } from '../http-route.ts';
import { parseGateway, parseHostname, parseMeshService, parseNamespace, parseService } from '../kubernetes-names.ts';
import { lookAgain } from '../look-again.ts';
import { printable } from '../printable.ts';

type ExportOptions = {
  route?: string;
  namespace?: string;
  gateway: RouteParent;
  meshService?: RouteParent;
  hostname?: string;
  oldService?: ServicePort;
  newService?: ServicePort;
  watch?: number | true;
};

const LIMITS_OF_A_MESH =
  'edgectl: whoever carries this out splits by request: one person meets both sides. Fallback, verdicts about people and ' +
  'a rollback within a second are those of the edge, and only for what goes through it.\n';

/** `edgectl export …`: the weights in force, for another engine that splits. */
export function addExportCommands(program: Command, context: CommandContext): void {
  program
    .command('export')
    .description('the weights in force, for another engine that splits')
    .command('gateway-api')
    .description('as an HTTPRoute a route (gateway.networking.k8s.io/v1), for a gateway or a mesh on Kubernetes')
    .option('--route <name>', 'this route alone')
    .option('--namespace <name>', 'namespace of the HTTPRoute', parseNamespace)
    .addOption(
      new Option('--gateway <name>', 'Gateway that it belongs to, [NAMESPACE/]NAME')
        .argParser(parseGateway)
        .default({ kind: 'Gateway', name: 'fit' } satisfies RouteParent, 'fit'),
    )
    .addOption(
      new Option('--mesh-service <name>', 'instead: Service that callers in a mesh name, [NAMESPACE/]NAME[:PORT]')
        .argParser(parseMeshService)
        .conflicts('gateway'),
    )
    .option('--hostname <name>', 'only for this host', parseHostname)
    .option(
      '--old-service <name>',
      'Service of the old side, [NAMESPACE/]NAME:PORT (default: by its URL)',
      parseService,
    )
    .option('--new-service <name>', 'the same of the new side', parseService)
    .option(
      '--watch [seconds]',
      'write it anew at each change, looking every second, or every so many (0.05 to 3600); Ctrl-C ends it',
      secondsFrom(0.05, 3600),
    )
    .action(async (options: ExportOptions) => {
      const client = await context.connect();
      if (options.watch !== undefined) return await watch(client, context, options);
      const documents = await look(client, options);
      context.io.err(LIMITS_OF_A_MESH);
      context.print(asOne(documents), documents.map((each) => stringify(each)).join('---\n'));
    });
}

/** Kubernetes takes several in one document as a List. */
function asOne(documents: readonly HttpRoute[]): object {
  return documents.length === 1 ? documents[0]! : { apiVersion: 'v1', kind: 'List', items: documents };
}

/** A document whenever a route changes: with `--json` on one line, else as YAML after a line `---`. */
async function watch(client: AdminClient, { io, isJson }: CommandContext, options: ExportOptions): Promise<void> {
  const interrupted = io.interrupted?.() ?? new AbortController().signal;
  const everyMs = options.watch === true ? 1000 : options.watch!;
  let written = new Map<string, string>();
  let isLost = false;
  const show = (documents: readonly HttpRoute[]) => {
    if (written.size === 0) io.err(LIMITS_OF_A_MESH);
    if (isLost) io.err('edgectl: the connection is back\n');
    isLost = false;
    const now = new Map(
      documents.map((each) => [each.metadata.name, isJson() ? `${JSON.stringify(each)}\n` : `---\n${stringify(each)}`]),
    );
    for (const [name, text] of now) if (written.get(name) !== text) io.out(text);
    for (const name of written.keys()) {
      if (!now.has(name)) io.err(`edgectl: route ${name} is gone; its HTTPRoute is yours to delete\n`);
    }
    written = now;
  };
  const lost = (why: string) => {
    if (!isLost) io.err(`edgectl: connection lost, what was written last stays in force: ${printable(why)}\n`);
    isLost = true;
  };
  // A route that comes later and cannot be exported must not keep a rollback of another one from being written.
  const unfit = new Set<string>();
  const leaveOut = (why: string) => {
    if (!unfit.has(why)) io.err(`edgectl: left out: ${printable(why)}\n`);
    unfit.add(why);
  };
  const lookNow = async () =>
    await look(client, options, { signal: interrupted, ...(written.size > 0 && { leaveOut }) });
  await lookAgain({ look: lookNow, show, lost, everyMs, interrupted });
}

type LookOptions = {
  signal?: AbortSignal;
  /** Is told of a route that cannot be exported; if absent, it is an error. */
  leaveOut?: (why: string) => void;
};

async function look(
  client: AdminClient,
  options: ExportOptions,
  { signal, leaveOut }: LookOptions = {},
): Promise<HttpRoute[]> {
  const [all, { upstreams }] = await Promise.all([client.listRoutes(signal), client.getRouting(signal)]);
  return chosen(all, options).flatMap((view) => {
    try {
      return [documentOf(view, upstreams, options)];
    } catch (error) {
      if (!leaveOut || !(error instanceof CommandError)) throw error;
      leaveOut(error.message);
      return [];
    }
  });
}

function documentOf(view: RouteView, upstreams: Routing['upstreams'], options: ExportOptions): HttpRoute {
  const why = whyNoHttpRoute(view);
  if (why !== undefined) throw new CommandError(EXIT.usage, why);
  const { namespace, hostname, meshService: parent = options.gateway } = options;
  return httpRoute(view, { sides: servicesOf(view, upstreams, options), parent, namespace, hostname });
}

function chosen(all: readonly RouteView[], { route, oldService, newService }: ExportOptions): readonly RouteView[] {
  const views = route === undefined ? all : all.filter((view) => view.route === route);
  const names = all.map((view) => view.route).join(', ') || 'none';
  if (views.length === 0)
    throw new CommandError(EXIT.usage, `there is no route ${route ?? 'at all'}; routes: ${names}`);
  if (views.length > 1 && (oldService ?? newService)) {
    throw new CommandError(EXIT.usage, `whose Service is it? --route must name one of: ${names}`);
  }
  return views;
}

function servicesOf(
  { route, sides }: RouteView,
  upstreams: Routing['upstreams'],
  { oldService, newService }: ExportOptions,
): { old: ServicePort; new: ServicePort } {
  const find = (side: 'old' | 'new') => {
    const url = upstreams.find(({ name }) => name === sides[side])?.url ?? '';
    const service = URL.canParse(url) ? serviceOf(url) : undefined;
    if (service) return service;
    const rule = `--${side}-service must name the Service of ${sides[side]}`;
    throw new CommandError(EXIT.usage, `${rule}, as its URL ${JSON.stringify(url)} names none (route ${route})`);
  };
  return { old: oldService ?? find('old'), new: newService ?? find('new') };
}
