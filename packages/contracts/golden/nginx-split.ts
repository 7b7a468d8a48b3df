import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GOLDEN_WEIGHTS } from './golden-headers.ts';
import type { GoldenHeader } from './golden-headers.ts';

/** What a real Nginx says of one request: the user's key, and the side at each of `GOLDEN_WEIGHTS`; or that it refuses. */
export type GoldenVerdict = { key: string; sides: ('old' | 'new')[] } | { refused: number };
export type GoldenVector = GoldenHeader & GoldenVerdict;
export type GoldenFile = { nginx: string; route: string; weights: readonly number[]; vectors: GoldenVector[] };

export const GOLDEN_ROUTE = 'wod';

const NJS_MODULE = ['/usr/lib/nginx/modules/ngx_http_js_module.so', '/etc/nginx/modules/ngx_http_js_module.so'].find(
  (path) => existsSync(path),
);

/** Why no real Nginx with njs can be asked here; undefined if one can. */
export function whyNoNginx(): string | undefined {
  if (spawnSync('nginx', ['-v']).error) return 'nginx is not on PATH (Debian: apt-get install nginx)';
  if (!NJS_MODULE) return 'the njs module is missing (Debian: apt-get install libnginx-mod-http-js)';
  return undefined;
}

/** Asks a real Nginx, with `split_clients` and the key extractor in njs, for the side of every header. */
export async function askNginx(headers: readonly GoldenHeader[]): Promise<GoldenFile> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-split-'));
  const port = await freePort();
  copyFileSync(fileURLToPath(new URL('../src/cohort-key.js', import.meta.url)), join(folder, 'cohort-key.js'));
  writeFileSync(join(folder, 'key.js'), KEY_MODULE);
  writeFileSync(join(folder, 'nginx.conf'), config(folder, port));
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilListening(port);
    const vectors: GoldenVector[] = [];
    for (const header of headers) vectors.push({ ...header, ...(await ask(port, header.authorization)) });
    return { nginx: nginxVersion(), route: GOLDEN_ROUTE, weights: GOLDEN_WEIGHTS, vectors };
  } finally {
    nginx.kill('SIGQUIT');
    await once(nginx, 'exit');
    rmSync(folder, { recursive: true });
  }
}

const KEY_MODULE = `import cohortKey from 'cohort-key.js';
function key(r) {
  var authorization = [];
  r.rawHeadersIn.forEach(function (header) {
    if (header[0].toLowerCase() === 'authorization') authorization.push(header[1]);
  });
  return cohortKey.claimOf(authorization, 'sub') || r.remoteAddress;
}
export default { key: key };
`;

function config(folder: string, port: number): string {
  const splits = GOLDEN_WEIGHTS.map(
    (weight, at) => `split_clients "${GOLDEN_ROUTE}:$key" $side_${at} { ${weight}% new; * old; }`,
  );
  return `load_module ${NJS_MODULE};
worker_processes 1; daemon off; pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  large_client_header_buffers 4 16k;
  js_path ${folder}; js_import key.js; js_set $key key.key;
  ${splits.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      add_header x-sides "${GOLDEN_WEIGHTS.map((_, at) => `$side_${at}`).join(',')}";
      return 200 $key;
    }
  }
}
`;
}

async function ask(port: number, authorization: readonly string[]): Promise<GoldenVerdict> {
  const headers = ['host', 'localhost', ...authorization.flatMap((value) => ['authorization', value])];
  const asked = request({ port, host: '127.0.0.1', headers, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
  if (answer.statusCode !== 200) return { refused: answer.statusCode ?? 0 };
  return { key: body, sides: String(answer.headers['x-sides']).split(',') as ('old' | 'new')[] };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([once(socket, 'connect'), once(socket, 'close')]).then(
      () => !socket.destroyed,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await delay(50);
  }
  throw new Error('nginx did not start');
}

function nginxVersion(): string {
  return /nginx\/([\d.]+)/.exec(String(spawnSync('nginx', ['-v']).stderr))?.[1] ?? 'unknown';
}
