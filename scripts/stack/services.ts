import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** A process that `npm start` runs. */
export type Service = {
  name: 'legacy-monolith' | 'coach-service' | 'edge-proxy';
  /** Folders whose changes restart it under `npm run dev`. */
  folders: readonly string[];
  /** The ports it opens, each with the variable that chooses another. */
  ports: readonly { variable: string; port: number; use: string }[];
  env: Record<string, string>;
  /** Answers 200 once the process may take traffic. */
  readyUrl: string;
};

/** Where the running stack can be reached. */
export type StackUrls = { edge: string; admin: string; monolith: string; coach: string };

export type Stack = { services: readonly Service[]; urls: StackUrls; dataDir: string };

const HOST = '127.0.0.1';

/**
 * The stack as `npm start` runs it. Ports come from LEGACY_PORT, COACH_PORT, EDGE_PORT and ADMIN_PORT, the folder for
 * state from FIT_DATA_DIR.
 *
 * @throws RangeError naming the variable that is no port, or the same as another one
 */
export function describeStack(env: NodeJS.ProcessEnv): Stack {
  const ports = {
    legacy: portFrom(env, 'LEGACY_PORT', 3000),
    coach: portFrom(env, 'COACH_PORT', 3001),
    edge: portFrom(env, 'EDGE_PORT', 8080),
    admin: portFrom(env, 'ADMIN_PORT', 8081),
  };
  refuseEqual(Object.values(ports));
  const url = (port: { port: number }) => `http://${HOST}:${port.port}`;
  const urls = { edge: url(ports.edge), admin: url(ports.admin), monolith: url(ports.legacy), coach: url(ports.coach) };
  const dataDir = env['FIT_DATA_DIR'] ?? join(ROOT, '.data');
  const shared = { LEGACY_URL: urls.monolith, COACH_URL: urls.coach };
  const services: Service[] = [
    {
      name: 'legacy-monolith',
      folders: ['legacy-monolith/src', 'packages'],
      ports: [{ ...ports.legacy, use: 'monolith' }],
      // The edge runs on this machine, so its word on a client's address counts.
      env: { SEED_DEMO: '1', TRUSTED_PROXIES: '127.0.0.1,::1', PORT: String(ports.legacy.port) },
      readyUrl: `${urls.monolith}/ready`,
    },
    {
      name: 'coach-service',
      folders: ['coach-service/src', 'packages'],
      ports: [{ ...ports.coach, use: 'coach' }],
      env: { ...shared, PORT: String(ports.coach.port) },
      readyUrl: `${urls.coach}/ready`,
    },
    {
      name: 'edge-proxy',
      folders: ['edge-proxy/src', 'edge-proxy/edge.config.yaml', 'packages'],
      ports: [
        { ...ports.edge, use: 'edge' },
        { ...ports.admin, use: 'admin API' },
      ],
      env: { ...shared, PORT: String(ports.edge.port), ADMIN_PORT: String(ports.admin.port) },
      readyUrl: `${urls.edge}/ready`,
    },
  ];
  return {
    services: services.map((service) => ({
      ...service,
      env: { HOST, DATA_DIR: join(dataDir, service.name), ...service.env },
    })),
    urls,
    dataDir,
  };
}

function refuseEqual(ports: readonly { variable: string; port: number }[]): void {
  for (const [index, { variable, port }] of ports.entries()) {
    const other = ports.slice(0, index).find((each) => each.port === port);
    if (other) throw new RangeError(`${variable} must differ from ${other.variable}, received ${port} for both`);
  }
}

function portFrom(env: NodeJS.ProcessEnv, variable: string, fallback: number): { variable: string; port: number } {
  const text = env[variable] || String(fallback);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new RangeError(`${variable} must be a port from 1 to 65535, received ${JSON.stringify(text)}`);
  }
  return { variable, port };
}
