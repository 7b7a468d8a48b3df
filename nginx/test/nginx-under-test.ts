import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@fit/test-kit/free-port';
import { until } from '@fit/test-kit/until';
import { ensureCertificate } from '../src/certificate.ts';
import { findNginx } from '../src/find-nginx.ts';
import { CONFIGURATION_FILE, startNginx } from '../src/nginx-process.ts';
import { renderConfiguration } from '../src/render.ts';
import type { Rendered } from '../src/render.ts';
import type { Topology } from '../src/topology.ts';
import type { RoutingPlan } from '../src/routing-plan.ts';
import { localUrl, openNginxFolder, writeSettings } from '../src/settings.ts';
import type { NginxFolder, NginxSettings } from '../src/settings.ts';

/** A folder for an Nginx on free ports, with a certificate. */
export type NginxPlace = NginxFolder & {
  url: string;
  tlsUrl: string;
  render: (topology: Topology, plan: RoutingPlan) => Rendered;
  remove: () => void;
};

export async function aPlaceForNginx(settings: Partial<NginxSettings> = {}): Promise<NginxPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  writeSettings(folder, { port: await freePort(), tlsPort: await freePort(), ...settings });
  await ensureCertificate(folder);
  const place = openNginxFolder(folder);
  return {
    ...place,
    url: localUrl(place.settings),
    tlsUrl: `https://127.0.0.1:${place.settings.tlsPort}`,
    render: (topology, plan) => renderConfiguration(topology, { ...place, plan, ...findNginx() }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type NginxUnderTest = AsyncDisposable & NginxPlace;

/** A real Nginx in front of what a plan names. */
export async function startNginxUnderTest(
  topology: Topology,
  plan: RoutingPlan,
  settings: Partial<NginxSettings> = {},
): Promise<NginxUnderTest> {
  const place = await aPlaceForNginx(settings);
  writeFileSync(join(place.folder, CONFIGURATION_FILE), place.render(topology, plan).text);
  const nginx = await startNginx(place);
  return {
    ...place,
    [Symbol.asyncDispose]: async () => {
      await nginx.quit();
      place.remove();
    },
  };
}

/** The line of its log that has a request id, once it is written. */
export async function logLineOf(requestId: string, { folder }: NginxFolder): Promise<Record<string, unknown>> {
  const look = () => {
    const lines = readFileSync(join(folder, 'access.log'), 'utf8').split('\n').slice(0, -1);
    return lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ request_id }) => request_id === requestId);
  };
  const found = (line: ReturnType<typeof look>) => line !== undefined;
  return (await until(`a line of request ${requestId}`, look, { holds: found, withinMs: 5000 }))!;
}

type Upstreams = { legacy: string; coach: string };

/** The first route, at a weight in percent. */
export function wodPlan(weight: number, { legacy, coach }: Upstreams): RoutingPlan {
  return {
    upstreams: [
      { name: 'legacy', url: legacy },
      { name: 'coach', url: coach },
    ],
    defaultUpstream: 'legacy',
    internalPaths: ['/metrics'],
    routes: [
      {
        route: 'wod',
        path: '/fitness/wod',
        key: { from: 'claim', name: 'sub' },
        weight,
        sides: { old: 'legacy', new: 'coach' },
      },
    ],
  };
}
