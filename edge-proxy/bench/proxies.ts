import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer, stopChild } from './children.ts';
import { haproxy, nginxProxy, nginxUpstream, routeFile } from './config-texts.ts';
import type { Place } from './config-texts.ts';
import { cores, findProgram, versionOf } from './machine.ts';

/** A server that the bench has started: its process, where it listens, and where it logs. */
export type Running = { name: string; pid: number; url: string; logFile: string; stop: () => void };

export type ProxyName = (typeof PROXIES)[number]['name'];

/** The program and its environment; files that it needs are written to `place.folder`. */
type Command = { command: string[]; env?: Record<string, string> };

type Proxy = {
  name: string;
  what: string;
  /** The program without which it is skipped. */ program?: string;
  prepare: (place: Place) => Command;
};

/** Everything in the comparison, in the order in which it is shown. Another proxy is another entry. */
export const PROXIES = [
  { name: 'edge', what: 'this edge, every feature on', prepare: (place) => edgeCommand(place) },
  { name: 'bare-undici', what: "node's server and undici, nothing else", prepare: nodeProxy('bare-forwarder.ts') },
  { name: 'nginx', what: 'split_clients, one worker', program: 'nginx', prepare: nginxCommand },
  { name: 'haproxy', what: 'balance by a hash, one thread', program: 'haproxy', prepare: haproxyCommand },
  { name: 'express-hpm', what: 'Express, http-proxy-middleware', prepare: nodeProxy('express-forwarder.ts') },
  { name: 'reply-from', what: 'Fastify, @fastify/reply-from', prepare: nodeProxy('reply-from-forwarder.ts') },
] as const satisfies readonly Proxy[];

const BODY_BYTES = 2048;
const START_TIMEOUT_MS = 20_000;
export const PATH = '/fitness/wod';
/** At `info` the edge writes a line for each request. */
export const EDGE_LOG_LEVEL = process.env['LOG_LEVEL'] ?? 'info';

/** Also a key set, as the edge asks its upstream for one; no token of the bench is signed with its key. */
const BODY = bodyOf(BODY_BYTES);

/** The proxies that this machine has, and why others are left out. */
export function availableProxies(only: readonly string[] | undefined): { names: ProxyName[]; left: string[] } {
  const wanted: readonly Proxy[] = PROXIES.filter(({ name }) => only === undefined || only.includes(name));
  const isThere = ({ program }: Proxy) => program === undefined || findProgram(program) !== undefined;
  return {
    names: wanted.filter(isThere).map(({ name }) => name as ProxyName),
    left: wanted.filter((proxy) => !isThere(proxy)).map(({ name, program }) => `${name}: ${program} is not installed`),
  };
}

export type RunningUpstream = Running & {
  port: number;
  kind: string;
  /** How many it has had since it started. */
  countRequests: () => Promise<number>;
};

/** nginx where it is installed, as it costs the least; else a server in Node. */
export async function startUpstream(folder: string): Promise<RunningUpstream> {
  const nginx = findProgram('nginx');
  const place = { folder: newFolder(folder, 'upstream'), port: await freePort(), upstreamPort: 0 };
  const { command, env = {} } = nginx
    ? withNginxConfig(place, nginxUpstream(place, BODY))
    : { command: nodeFile('stub-upstream.ts'), env: { PORT: String(place.port), BODY } };
  const running = await startAndWait('upstream', place, { command, env, cpus: cores.others });
  const countRequests = async () => {
    const status = await (await fetch(`${running.url}/status`)).text();
    return Number(/handled requests\s+\d+ \d+ (\d+)/.exec(status)?.[1]);
  };
  return {
    ...running,
    port: place.port,
    kind: nginx ? `nginx ${versionOf(nginx, '-v')}` : 'a stub in Node',
    countRequests,
  };
}

export async function startProxy(name: ProxyName, folder: string, upstreamPort: number): Promise<Running> {
  const place = { folder: newFolder(folder, name), port: await freePort(), upstreamPort };
  const proxy = PROXIES.find((each) => each.name === name);
  if (!proxy) throw new RangeError(`no such proxy: ${name}`);
  return await startAndWait(name, place, { ...proxy.prepare(place), cpus: cores.proxy });
}

export type EdgeVariant = { routes?: number; nodeOptions?: string[] };

/** The edge with so many routes, or with options for Node. */
export async function startEdge(folder: string, upstreamPort: number, variant: EdgeVariant = {}): Promise<Running> {
  const name = `edge-${variant.routes ?? 1}`;
  const place = { folder: newFolder(folder, name), port: await freePort(), upstreamPort };
  return await startAndWait(name, place, { ...edgeCommand(place, variant), cpus: cores.proxy });
}

function edgeCommand(place: Place, { routes = 1, nodeOptions = [] }: EdgeVariant = {}): Command {
  const config = join(place.folder, 'routes.yaml');
  writeFileSync(config, routeFile(place, routes));
  return {
    command: [process.execPath, ...nodeOptions, fileURLToPath(new URL('../src/main.ts', import.meta.url))],
    env: {
      PORT: String(place.port),
      ADMIN_PORT: '0',
      DATA_DIR: join(place.folder, 'data'),
      EDGE_CONFIG: config,
      LOG_LEVEL: EDGE_LOG_LEVEL,
      // Ten thousand connections are a load here, not an attack.
      MAX_CONNECTIONS: '20000',
      MAX_IN_FLIGHT: '20000',
      JWKS_URL: `http://127.0.0.1:${place.upstreamPort}/jwks.json`,
    },
  };
}

function nodeProxy(file: string) {
  return ({ port, upstreamPort }: Place): Command => ({
    command: nodeFile(file),
    env: { PORT: String(port), UPSTREAM_URL: `http://127.0.0.1:${upstreamPort}` },
  });
}

function nginxCommand(place: Place): Command {
  return withNginxConfig(place, nginxProxy(place));
}

function withNginxConfig({ folder }: Place, config: string): Command {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  return { command: [findProgram('nginx') ?? 'nginx', '-p', folder, '-c', file] };
}

function haproxyCommand(place: Place): Command {
  const file = join(place.folder, 'haproxy.cfg');
  writeFileSync(file, haproxy(place));
  return { command: [findProgram('haproxy') ?? 'haproxy', '-db', '-f', file] };
}

async function startAndWait(name: string, place: Place, how: Command & { cpus: string }): Promise<Running> {
  const logFile = join(place.folder, 'log');
  const child = startServer(how.command, { cpus: how.cpus, env: how.env ?? {}, logFile });
  const url = `http://127.0.0.1:${place.port}`;
  await untilAnswering(`${url}${PATH}`, child);
  return { name, pid: child.pid ?? 0, url, logFile, stop: () => stopChild(child) };
}

async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < giveUpAt) {
    const status = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) })
      .then(async (answer) => ((await answer.text()).length === BODY_BYTES ? answer.status : 0))
      .catch(() => 0);
    if (status === 200) return;
    await delay(50);
  }
  throw new Error(
    `${child.spawnargs.join(' ')} did not answer ${url} with the upstream's body within ${START_TIMEOUT_MS} ms`,
  );
}

/** Free now; nobody else is expected to take one in the moment until it is used. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function nodeFile(file: string): string[] {
  return [process.execPath, fileURLToPath(new URL(file, import.meta.url))];
}

function bodyOf(bytes: number): string {
  const key = { kty: 'RSA', kid: 'bench', use: 'sig', alg: 'RS256', n: `w${'A'.repeat(341)}`, e: 'AQAB' };
  const withPadding = (padding: string) => JSON.stringify({ keys: [key], padding });
  return withPadding('x'.repeat(bytes - withPadding('').length));
}

let folders = 0;
function newFolder(folder: string, name: string): string {
  const path = join(folder, `${++folders}-${name}`);
  mkdirSync(path, { recursive: true });
  return path;
}
