import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '@fit/service-kit/start-error';
import { planVariables } from './plan-variables.ts';
import type { RoutingPlan } from './routing-plan.ts';
import type { NginxFolder } from './settings.ts';
import type { Topology } from './topology.ts';

/** A whole configuration; the running Nginx tells its revision at `REVISION_PATH`. */
export type Rendered = { text: string; revision: string };

export const REVISION_PATH = '/.nginx/configuration';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const COHORT_KEY = dirname(fileURLToPath(import.meta.resolve('@fit/contracts/cohort-key')));

export type RenderOptions = NginxFolder & { plan: RoutingPlan; /** Needed by `direct`. */ njsModule?: string };

/**
 * The configuration for a topology and the weights of a plan. The same input gives the same text.
 *
 * @throws StartError if the topology cannot serve the plan
 */
export function renderConfiguration(topology: Topology, options: RenderOptions): Rendered {
  const template = readFileSync(join(HOME, 'templates', `${topology}.conf.template`), 'utf8');
  const variables = { ...ownVariables(options), ...planVariables(topology, options) };
  const unsealed = fill(template, { ...variables, NGINX_REVISION: '' });
  const revision = createHash('sha256').update(unsealed).digest('hex').slice(0, 12);
  return { text: fill(template, { ...variables, NGINX_REVISION: revision }), revision };
}

function ownVariables({ folder, settings, njsModule }: RenderOptions): Record<string, string> {
  return {
    NGINX_CONF: join(HOME, 'conf'),
    NGINX_RUN: folder,
    NGINX_WORKERS: 'auto',
    NGINX_COHORT_KEY: COHORT_KEY,
    NGINX_NJS_MODULE: njsModule ?? '',
    NGINX_LISTEN: settings.listen,
    NGINX_PORT: String(settings.port),
    NGINX_TLS_PORT: String(settings.tlsPort),
    NGINX_CERTIFICATE: resolve(folder, settings.certificate),
    NGINX_CERTIFICATE_KEY: resolve(folder, settings.certificateKey),
    NGINX_ACCESS_LOG: resolve(folder, settings.accessLog),
    NGINX_REAL_IP_FROM: settings.realIpFrom.map((network) => `set_real_ip_from ${network};`).join('\n  '),
  };
}

function fill(template: string, variables: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{(NGINX_\w+)\}/g, (_whole, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new StartError('bad-template', `The template names ${name}, which has no value`);
    return value;
  });
}
