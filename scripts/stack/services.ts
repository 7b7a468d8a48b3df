import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const DEFAULT_DATA_DIR = join(ROOT, '.data');
export const DEFAULT_ADMIN_PORT = 8081;

/** A process that `npm start` runs. */
export type Service = {
  name: 'legacy-monolith' | 'coach-service' | 'edge-proxy' | 'nginx';
  /** Folders whose changes restart it under `npm run dev`. */
  folders: readonly string[];
  /** The ports it opens, each with the variable that chooses another. */
  ports: readonly { variable: string; port: number; use: string }[];
  env: Record<string, string>;
  /** Answers 200 once the process may take traffic. */
  readyUrl: string;
};

/** Where the running stack can be reached; Nginx only where it is installed. */
export type StackUrls = {
  nginx?: string;
  nginxTls?: string;
  edge: string;
  admin: string;
  monolith: string;
  coach: string;
};

type Port = { variable: string; port: number };
type Ports = Record<'legacy' | 'coach' | 'edge' | 'admin' | 'nginx' | 'nginxTls', Port>;

export type Stack = {
  services: readonly Service[];
  /** In front of the services, which it needs to be made for. */
  nginx: Service & { folder: string; port: number; tlsPort: number };
  urls: StackUrls;
  dataDir: string;
  /** Opens the admin API to whoever may read it: edgectl and the dashboard's login look for it here. */
  adminTokenFile: string;
};

const HOST = '127.0.0.1';
const LOOPBACK = '127.0.0.1,::1';

/**
 * The stack as `npm start` runs it. Ports come from LEGACY_PORT, COACH_PORT, EDGE_PORT, ADMIN_PORT, NGINX_PORT and
 * NGINX_TLS_PORT, the folder for state from FIT_DATA_DIR.
 *
 * @param hasNginx whether Nginx is to be in front
 * @throws RangeError naming the variable that is no port, or the same as another one
 */
export function describeStack(env: NodeJS.ProcessEnv, hasNginx = false): Stack {
  const ports = {
    legacy: portFrom(env, 'LEGACY_PORT', 3000),
    coach: portFrom(env, 'COACH_PORT', 3001),
    edge: portFrom(env, 'EDGE_PORT', 8080),
    admin: portFrom(env, 'ADMIN_PORT', DEFAULT_ADMIN_PORT),
    nginx: portFrom(env, 'NGINX_PORT', 8000),
    nginxTls: portFrom(env, 'NGINX_TLS_PORT', 8443),
  };
  refuseEqual(Object.values(ports));
  const url = (port: { port: number }) => `http://${HOST}:${port.port}`;
  const urls = {
    ...(hasNginx && { nginx: url(ports.nginx), nginxTls: `https://${HOST}:${ports.nginxTls.port}` }),
    edge: url(ports.edge),
    admin: url(ports.admin),
    monolith: url(ports.legacy),
    coach: url(ports.coach),
  };
  const dataDir = env['FIT_DATA_DIR'] ?? DEFAULT_DATA_DIR;
  const adminTokenFile = join(dataDir, 'admin-token');
  return {
    services: servicesOf(env, ports, urls, hasNginx).map((service) => ({
      ...service,
      env: {
        HOST,
        DATA_DIR: join(dataDir, service.name),
        ...service.env,
        ...(service.name === 'edge-proxy' && { ADMIN_TOKEN_FILE: adminTokenFile }),
      },
    })),
    nginx: nginxService(join(dataDir, 'nginx'), ports.nginx, ports.nginxTls),
    urls,
    dataDir,
    adminTokenFile,
  };
}

function servicesOf(env: NodeJS.ProcessEnv, ports: Ports, urls: StackUrls, hasNginx: boolean): Service[] {
  const shared = { LEGACY_URL: urls.monolith, COACH_URL: urls.coach };
  return [
    {
      name: 'legacy-monolith',
      folders: ['legacy-monolith/src', 'packages'],
      ports: [{ ...ports.legacy, use: 'monolith' }],
      // The edge runs on this machine, so its word on a client's address counts.
      env: {
        SEED_DEMO: '1',
        SEED_DEMO_PEOPLE: env['SEED_DEMO_PEOPLE'] || '500',
        TRUSTED_PROXIES: LOOPBACK,
        PORT: String(ports.legacy.port),
      },
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
      env: {
        ...shared,
        PORT: String(ports.edge.port),
        ADMIN_PORT: String(ports.admin.port),
        ...(hasNginx && { TRUSTED_PROXIES: LOOPBACK }),
      },
      readyUrl: `${urls.edge}/ready`,
    },
  ];
}

function nginxService(folder: string, http: Port, tls: Port): Stack['nginx'] {
  return {
    name: 'nginx',
    folders: ['nginx/src'],
    ports: [
      { ...http, use: 'nginx' },
      { ...tls, use: 'nginx with TLS' },
    ],
    env: { DATA_DIR: folder },
    readyUrl: `http://${HOST}:${http.port}/.nginx/configuration`,
    folder,
    port: http.port,
    tlsPort: tls.port,
  };
}

function refuseEqual(ports: readonly Port[]): void {
  for (const [index, { variable, port }] of ports.entries()) {
    const other = ports.slice(0, index).find((each) => each.port === port);
    if (other) throw new RangeError(`${variable} must differ from ${other.variable}, received ${port} for both`);
  }
}

function portFrom(env: NodeJS.ProcessEnv, variable: string, fallback: number): Port {
  const text = env[variable] || String(fallback);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new RangeError(`${variable} must be a port from 1 to 65535, received ${JSON.stringify(text)}`);
  }
  return { variable, port };
}
