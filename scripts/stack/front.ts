import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureCertificate } from '@fit/nginx/certificate';
import type { Topology } from '@fit/nginx/topology';
import { writeSettings } from '@fit/nginx/settings';
import { ROOT } from './services.ts';
import type { Stack } from './services.ts';

const EDGECTL = join(ROOT, 'edge-proxy', 'src', 'cli', 'edgectl.ts');

/** Gives Nginx its settings, a certificate and, by `edgectl` and the running edge, its configuration. */
export async function prepareFront({ nginx, urls, adminTokenFile }: Stack, topology: Topology): Promise<void> {
  const { folder, port, tlsPort } = nginx;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeSettings(folder, { port, tlsPort, edges: [new URL(urls.edge).host] });
  await ensureCertificate(folder);
  const out = join(folder, 'nginx.conf');
  const words = ['--topology', topology, '--folder', folder, '--out', out];
  const edgectl = [EDGECTL, '--url', urls.admin, '--token-file', adminTokenFile, 'nginx', 'render'];
  await promisify(execFile)(process.execPath, [...process.execArgv, ...edgectl, ...words]);
}
