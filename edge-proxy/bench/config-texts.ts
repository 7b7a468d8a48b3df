/** Where a server of a bench listens, what is behind it, and the folder for its files. */
export type Place = { folder: string; port: number; upstreamPort: number };

const CONNECTIONS = 12_000;
/** Cut-offs of idle time and of requests on a connection, so high that nothing in a bench meets them. */
const NEVER = { seconds: 600, requests: 1_000_000_000 };

/** As short an answer as nginx can make: a literal, no file. `body` has no quote of its own kind and no `$`. */
export function nginxUpstream({ folder, port }: Omit<Place, 'upstreamPort'>, body: string): string {
  return nginx(
    folder,
    `server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /status { stub_status; }
    location / { return 200 '${body}'; }
  }`,
  );
}

/** The split that an operator would write by hand, with kept connections to both sides. */
export function nginxProxy({ folder, port, upstreamPort }: Place): string {
  const side = (name: string) => `upstream ${name} { server 127.0.0.1:${upstreamPort}; keepalive 512;
    keepalive_requests ${NEVER.requests}; }`;
  return nginx(
    folder,
    `split_clients "wod:$http_authorization" $side { 50% coach; * legacy; }
  ${side('legacy')}
  ${side('coach')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://$side;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }`,
  );
}

function nginx(folder: string, servers: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
worker_rlimit_nofile 20000;
events { worker_connections ${CONNECTIONS}; }
http {
  access_log off;
  default_type application/json;
  keepalive_timeout ${NEVER.seconds}s;
  keepalive_requests ${NEVER.requests};
${kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join('\n')}
  ${servers}
}
`;
}

export function haproxy({ port, upstreamPort }: Place): string {
  const server = (name: string) => `  server ${name} 127.0.0.1:${upstreamPort} weight 50 pool-max-conn 10000`;
  return `global
  nbthread 1
  maxconn ${CONNECTIONS}
  no strict-limits
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client ${NEVER.seconds}s
  timeout server 60s
  timeout http-keep-alive ${NEVER.seconds}s
frontend clients
  bind 127.0.0.1:${port} backlog 4096
  default_backend sides
backend sides
  balance hdr(Authorization)
${server('legacy')}
${server('coach')}
`;
}

/**
 * A migration at 50 % with both sides at the same server, `routes` times: `/fitness/wod`, `/fitness/wod-2` and on. The
 * limits are so wide that saturation itself is no fault.
 */
export function routeFile({ upstreamPort }: Pick<Place, 'upstreamPort'>, routes: number): string {
  const upstream = (name: string) => `  ${name}:
    url: http://127.0.0.1:${upstreamPort}
    firstByteTimeoutMs: 30000
    connectTimeoutMs: 10000
    maxInFlight: 20000`;
  const route = (path: string, index: number) => `  - name: wod-${index + 1}
    path: ${path}
    old: legacy
    new: coach
    key: { claim: sub }
    initialWeight: 50
    deadlineMs: 60000`;
  return `upstreams:
${upstream('legacy')}
${upstream('coach')}
defaultUpstream: legacy
routes:
${routePaths(routes).map(route).join('\n')}
`;
}

export function routePaths(routes: number): string[] {
  return Array.from({ length: routes }, (_, index) => `/fitness/wod${index === 0 ? '' : `-${index + 1}`}`);
}
