import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { basename, relative } from 'node:path';
import { ROOT } from './services.ts';
import type { Service } from './services.ts';

/** For each port that cannot be opened: which, by whom if it can be known, and how to choose another. */
export async function explainTakenPorts(services: readonly Service[], host = '127.0.0.1'): Promise<string[]> {
  const lines: string[] = [];
  for (const { variable, port, use } of services.flatMap((service) => service.ports)) {
    const code = await whyNotFree(host, port);
    if (code === undefined) continue;
    const owner = ownerOf(port);
    const why =
      code === 'EADDRINUSE'
        ? `is taken${owner ? ` by ${owner}` : ' by another process'}`
        : `cannot be opened (${code})`;
    const free = await freePort(host);
    lines.push(`Port ${port} (${use}) ${why}. Choose another one: ${variable}=${free} npm start`);
  }
  return lines;
}

async function whyNotFree(host: string, port: number): Promise<string | undefined> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    if (probe.listening) await new Promise((done) => probe.close(done));
  }
}

async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

/** The process that listens on a port, as Linux tells under /proc; undefined where it cannot be known. */
function ownerOf(port: number): string | undefined {
  try {
    const inodes = listeningInodes(port);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (socketsOf(pid).some((inode) => inodes.has(inode))) return `process ${pid} (${commandOf(pid)})`;
    }
  } catch {
    // No /proc on this system.
  }
  return undefined;
}

function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  const columns = rows.map((row) => row.trim().split(/\s+/));
  return new Set(
    columns.filter(([, local, , state]) => local?.endsWith(suffix) && state === '0A').map((row) => row[9]!),
  );
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`));
      return inode?.[1] === undefined ? [] : [inode[1]];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The program and what it runs, without options: `node legacy-monolith/src/main.ts`. */
function commandOf(pid: string): string {
  const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const subject = args.find((arg) => arg !== '' && !arg.startsWith('-')) ?? '';
  const shown = subject.startsWith(ROOT) ? relative(ROOT, subject) : subject;
  return `${basename(program)} ${shown}`.trim().slice(0, 80);
}
