import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ensureCertificate } from '@fit/nginx/certificate';
import { freePort } from '@fit/test-kit/free-port';
import { runProgram, startServer, stopChild } from '../bench/children.ts';
import { findProgram } from '../bench/machine.ts';
import type { Found } from './measured.ts';
import { ALL_CORES, cpuMicros, untilAnswers } from './processes.ts';

const SECONDS = 4;

/** What a TLS handshake takes of Nginx: a new connection for each request, less the same on kept connections. */
export async function benchTls(folder: string, say: (text: string) => void): Promise<Found> {
  const [nginx, wrk] = [findProgram('nginx'), findProgram('wrk')];
  if (nginx === undefined || wrk === undefined) {
    say('without Nginx or wrk: TLS is left out');
    return {};
  }
  const place = join(folder, 'tls');
  mkdirSync(place);
  const { certificate, key } = await ensureCertificate(place);
  const port = await freePort();
  const configuration = join(place, 'nginx.conf');
  writeFileSync(configuration, configurationText({ place, port, certificate, key }));
  const server = startServer([nginx, '-c', configuration, '-g', 'daemon off;'], {
    cpus: ALL_CORES,
    logFile: join(place, 'nginx.log'),
  });
  const ask = async (url: string, headers: readonly string[]) => {
    const load = [wrk, '-t1', '-c16', `-d${SECONDS}s`, ...headers.flatMap((header) => ['-H', header]), url];
    const { micros, done } = await cpuMicros([server.pid ?? 0], () =>
      runProgram(load, { cpus: ALL_CORES, timeoutMs: 30_000 }),
    );
    return micros[0]! / Number(/(\d+) requests in/.exec(done)?.[1]);
  };
  const url = `https://127.0.0.1:${port}/`;
  await untilAnswers(() => isListening(port), 'Nginx');
  await ask(url, []);
  say('Nginx: kept TLS connections, then a handshake for each request');
  const [kept, fresh] = [await ask(url, []), await ask(url, ['Connection: close'])];
  stopChild(server);
  return { nginxTlsKeptMicros: kept, nginxHandshakeMicros: fresh - kept };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  return true;
}

function configurationText({ place, port, certificate, key }: Record<string, string | number>): string {
  return `worker_processes 1;
pid "${place}/nginx.pid";
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path "${place}/body"; proxy_temp_path "${place}/proxy"; fastcgi_temp_path "${place}/fastcgi";
  uwsgi_temp_path "${place}/uwsgi"; scgi_temp_path "${place}/scgi";
  keepalive_requests 1000000;
  ssl_certificate "${certificate}";
  ssl_certificate_key "${key}";
  ssl_protocols TLSv1.2 TLSv1.3;
  server { listen 127.0.0.1:${port} ssl; location / { return 200 "${'x'.repeat(2048)}"; } }
}
`;
}
