import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { BAD_BODIES, withBadBody } from './bad-bodies.ts';
import { BAD_CONTENTS, BAD_HEADS, GOOD_BEGINNING } from './malformed-answers.ts';
import { RawClient } from './raw-client.ts';
import { RawUpstream, pause, sending } from './raw-upstream.ts';
import { REFUSED_REQUESTS } from './refused-requests.ts';
import { NEVER_OPEN, SMUGGLED, get, post, request } from './wire-under-test.ts';

/** No request and no answer, whatever its bytes, ends the process: all of them at once, at an edge of its own process. */
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

async function startEdgeProcess(upstreamUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'wire-'));
  const file = join(folder, 'edge.config.json');
  await writeFile(
    file,
    JSON.stringify({
      upstreams: { only: { url: upstreamUrl, breaker: NEVER_OPEN } },
      defaultUpstream: 'only',
      routes: [],
    }),
  );
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = {
    PATH,
    NODE_COMPILE_CACHE,
    PORT: '0',
    ADMIN_PORT: '0',
    DATA_DIR: join(folder, 'data'),
    EDGE_CONFIG: file,
    LOG_LEVEL: 'info',
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('exit', () => reject(new Error(`the edge ended: ${log}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    log += `${line}\n`;
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg === 'listening' && url) resolve(url);
  });
  const end = async () => {
    const exited = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  };
  return { child, url: await promise, log: () => log, end };
}

const ODDITIES = [
  get('/trailer', 'Trailer: foo'),
  post('/trailer', 'x', 'Trailer: foo'),
  get('/te', 'TE: trailers', 'Connection: TE'),
  get('/upgrade', 'Connection: Upgrade', 'Upgrade: websocket'),
  get('/upgrade', 'Connection: Upgrade', 'Upgrade: h2c'),
  get('/expect', 'Expect: x'),
  request('POST', '/expect', 'Expect: 100-continue', 'Content-Length: 5'),
  request('CONNECT', 'a:1'),
  request('OPTIONS', '*'),
  get(`/${'a'.repeat(50_000)}`),
  get('/many', ...Array.from({ length: 3000 }, (_, at) => `X-${at}: a`)),
  '',
  '\r\n\r\n\r\n',
  '\0',
];

/** Every row of every table: what the client sends, and what the upstream answers to it. */
const ATTACKS = [
  ...REFUSED_REQUESTS.map(([, bytes]) => ({ bytes: bytes + SMUGGLED, answer: undefined })),
  ...BAD_BODIES.map(([, body]) => ({ bytes: withBadBody(body) + SMUGGLED, answer: undefined })),
  ...ODDITIES.map((bytes) => ({ bytes, answer: undefined })),
  ...[...BAD_HEADS.map(([, bytes]) => bytes), ...BAD_CONTENTS.map(([, bytes]) => GOOD_BEGINNING + bytes)].flatMap(
    (answer, at) => [
      { bytes: get(`/answer/${at}`), answer },
      { bytes: post(`/answer/${at}`, 'x'), answer },
      { bytes: request('HEAD', `/answer/${at}`), answer },
      { bytes: get(`/answer/${at}`, 'Connection: Upgrade', 'Upgrade: websocket'), answer },
    ],
  ),
];

/** Sends, waits for whatever comes first of a first byte, the end and a moment, then leaves in one of four ways. */
async function attack(url: string, bytes: string, way: number): Promise<void> {
  const client = new RawClient(url);
  client.send(bytes);
  if (way === 0) client.halfClose();
  if (way < 3)
    await Promise.race([
      client.until(({ received, ending }) => received !== '' || ending !== 'open').catch(() => undefined),
      pause(300),
    ]);
  client.leave(way % 2 === 0 ? 'FIN' : 'RST');
}

test('an edge that is sent every row of every table is still there', async () => {
  const upstream = await new RawUpstream().listen();
  upstream.reply = async (seen) => {
    const at = /^\/answer\/(\d+)$/.exec(seen.target)?.[1];
    const { answer } = ATTACKS.find(({ bytes }) => at !== undefined && bytes.includes(`/answer/${at} `)) ?? {};
    await sending(answer ?? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')(seen);
  };
  const edge = await startEdgeProcess(upstream.url);
  try {
    const { pid } = edge.child;
    for (const way of [0, 1, 2, 3]) {
      await Promise.all(ATTACKS.map(async ({ bytes }) => await attack(edge.url, bytes, way)));
    }
    const client = new RawClient(edge.url);
    client.send(get('/health') + get('/healthy'));
    expect((await client.answer()).status).toBe(200);
    expect((await client.answer()).body).toBe('/healthy');
    client.leave();
    expect(edge.child.exitCode).toBeNull();
    expect(edge.child.pid).toBe(pid);
    expect(edge.log()).not.toMatch(/uncaughtException|unhandledRejection|Warning/);
    expect([...upstream.everSeen]).not.toContain('/smuggled');
  } finally {
    await edge.end();
    await upstream.close();
  }
}, 60_000);
