import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GOLDEN_ROUTE, GOLDEN_WEIGHTS } from '@fit/contracts/golden/golden-headers.ts';
import type { GoldenFile, GoldenHeader, GoldenVector, GoldenVerdict } from '@fit/contracts/golden/golden-headers.ts';
import { freePort } from '@fit/test-kit/free-port';
import { NGINX_ENV, findNginx } from '../src/find-nginx.ts';
import { nginxArguments } from '../src/nginx-process.ts';

const COHORT_JS = fileURLToPath(new URL('../conf/cohort.js', import.meta.url));
const COHORT_KEY = dirname(fileURLToPath(import.meta.resolve('@fit/contracts/cohort-key')));

/** Asks a real Nginx, with `split_clients` and the key extractor in njs, for the side of every header. */
export async function askNginx(headers: readonly GoldenHeader[]): Promise<GoldenFile> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-split-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port));
  const nginx = spawn('nginx', nginxArguments(folder, 'nginx.conf'), {
    env: NGINX_ENV,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await untilAnswering(port);
    const vectors: GoldenVector[] = [];
    for (const header of headers) vectors.push({ ...header, ...(await ask(port, header.authorization)) });
    return { nginx: findNginx()?.version ?? 'unknown', route: GOLDEN_ROUTE, weights: GOLDEN_WEIGHTS, vectors };
  } finally {
    nginx.kill('SIGQUIT');
    await once(nginx, 'exit');
    rmSync(folder, { recursive: true });
  }
}

function configuration(folder: string, port: number): string {
  const splits = GOLDEN_WEIGHTS.map(
    (weight, at) => `split_clients "${GOLDEN_ROUTE}:$key" $side_${at} { ${weight}% new; * old; }`,
  );
  return `load_module ${findNginx()?.njsModule};
worker_processes 1; daemon off; pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  large_client_header_buffers 4 16k;
  map "" $key_source { default "claim sub"; }
  js_path ${COHORT_KEY}; js_import cohort from ${COHORT_JS}; js_set $key cohort.key;
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

async function untilAnswering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await ask(port, []).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await delay(50);
  }
  throw new Error('nginx did not start');
}
