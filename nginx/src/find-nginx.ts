import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Topology } from './topology.ts';

/** The Nginx of this machine; `njsModule` is absent where njs is not installed. */
export type FoundNginx = { version: string; njsModule?: string };

/** The program; NGINX_PROGRAM names another one. */
export const NGINX = process.env['NGINX_PROGRAM'] || 'nginx';

/** Debian keeps Nginx where the PATH of an ordinary user does not lead; times in logs and answers are UTC. */
export const NGINX_ENV = { ...process.env, TZ: 'UTC', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` };

const NJS_MODULES = [
  '/usr/lib/nginx/modules/ngx_http_js_module.so',
  '/etc/nginx/modules/ngx_http_js_module.so',
  '/usr/lib64/nginx/modules/ngx_http_js_module.so',
];

export function findNginx(): FoundNginx | undefined {
  const { error, stderr } = spawnSync(NGINX, ['-v'], { env: NGINX_ENV, encoding: 'utf8' });
  if (error) return undefined;
  const njsModule = NJS_MODULES.find((path) => existsSync(path));
  return { version: /nginx\/([\d.]+)/.exec(stderr)?.[1] ?? 'unknown', ...(njsModule && { njsModule }) };
}

/** What a topology lacks on this machine and how to get it, in one line; undefined if nothing. */
export function whatIsMissing(topology: Topology): string | undefined {
  const found = findNginx();
  if (!found) return `${NGINX} is not on PATH (Debian: apt-get install nginx; macOS: brew install nginx)`;
  if (topology === 'direct' && !found.njsModule) {
    return 'the njs module of nginx is missing (Debian: apt-get install libnginx-mod-http-js)';
  }
  return undefined;
}
