import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureCertificate } from '@fit/nginx/certificate';
import type { Topology } from '@fit/nginx/topology';
import { writeSettings } from '@fit/nginx/settings';
import { DEMO_OPERATOR, logIn } from './log-in.ts';
import { ROOT } from './services.ts';
import type { Stack } from './services.ts';

const EDGECTL = join(ROOT, 'edge-proxy', 'src', 'cli', 'edgectl.ts');
const TOKEN_SECONDS = 60;
const KEYS_TIMEOUT_MS = 15_000;

/** Gives Nginx its settings, a certificate and, by `edgectl` and the running edge, its configuration. */
export async function prepareFront({ nginx, urls }: Stack, topology: Topology): Promise<void> {
  const { folder, port, tlsPort } = nginx;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeSettings(folder, { port, tlsPort, edges: [new URL(urls.edge).host] });
  await ensureCertificate(folder);
  await untilTokensAreVerified(urls.admin);
  const token = await logIn({ url: urls.edge, email: DEMO_OPERATOR, role: 'operator', expiresIn: TOKEN_SECONDS });
  const out = join(folder, 'nginx.conf');
  const words = ['--url', urls.admin, 'nginx', 'render', '--topology', topology, '--folder', folder, '--out', out];
  await promisify(execFile)(process.execPath, [...process.execArgv, EDGECTL, ...words], {
    env: { ...process.env, EDGE_ADMIN_TOKEN: token },
  });
}

/** The edge may have started before the monolith that has the keys; then it is about to look again. */
async function untilTokensAreVerified(adminUrl: string): Promise<void> {
  const deadline = performance.now() + KEYS_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const health = (await (await fetch(`${adminUrl}/health`)).json()) as { dependencies?: Record<string, string> };
    if (health.dependencies?.['token keys'] === 'up') return;
    await delay(50);
  }
  throw new Error(`The edge has no keys to verify tokens with after ${KEYS_TIMEOUT_MS / 1000} s; see its log`);
}
