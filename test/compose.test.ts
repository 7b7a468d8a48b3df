import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { parse } from 'yaml';
import { ensureCertificate } from '../nginx/src/certificate.ts';
import { faultOf } from '../nginx/src/nginx-process.ts';
import { nginxWithNjs } from '../nginx/test/nginx-component.ts';
import { ROOT } from './running-stack.ts';

/** Nginx as docker-compose.yml sets it up, without containers: its templates, filled in as the image's entrypoint does. */
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, { environment?: Record<string, string | number> }>;
};

/** Compose's own interpolation, with nothing set. */
function environmentOf(service: string, env: Record<string, string> = {}): Record<string, string> {
  const interpolated = (text: string) =>
    text.replace(/\$(?:\$|\{(\w+):-([^}]*)\})/g, (_whole, name?: string, fallback?: string) =>
      name === undefined ? '$' : env[name] || (fallback ?? ''),
    );
  const entries = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, interpolated(String(value))]));
}

/** envsubst with the names that are defined, as the official image calls it. */
function envsubst(template: string, env: Record<string, string>): string {
  return template.replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
}

await describeWith(nginxWithNjs, "compose's Nginx", (found) => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'compose-nginx-'));
    await ensureCertificate(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['edge', {}],
    ['edge', { NGINX_RETIRED: '"~^/fitness/wod(?:[?#]|$)" edges_only;' }],
    ['direct', {}],
    ['direct', { NGINX_WOD_SPLIT: '10% coach; * legacy;' }],
  ])('accepts topology %s %j', (topology, env: Record<string, string>) => {
    const here = {
      NGINX_ACCESS_LOG: join(folder, 'access.log'),
      NGINX_CONF: join(ROOT, 'nginx', 'conf'),
      NGINX_RUN: folder,
      NGINX_CERTIFICATE: join(folder, 'certificate.pem'),
      NGINX_CERTIFICATE_KEY: join(folder, 'certificate-key.pem'),
      NGINX_COHORT_KEY: dirname(fileURLToPath(import.meta.resolve('@fit/contracts/cohort-key'))),
      NGINX_NJS_MODULE: found.njsModule!,
    };
    const template = readFileSync(join(ROOT, 'nginx', 'templates', `${topology}.conf.template`), 'utf8');
    const text = envsubst(template, { ...environmentOf('nginx', env), ...here });
    expect(text).not.toContain('${NGINX_');
    for (const line of Object.values(env)) expect(text).toContain(line);
    if (topology === 'direct') expect(text).toContain(`{ ${env['NGINX_WOD_SPLIT'] ?? '* legacy;'} }`);
    // The names of containers mean nothing here.
    const known = text.replace(/server (?:edge-\d|legacy-monolith|coach-service):/g, 'server 127.0.0.1:');
    writeFileSync(join(folder, 'nginx.conf'), known);
    expect(faultOf(folder, 'nginx.conf')).toBeUndefined();
  });
});
