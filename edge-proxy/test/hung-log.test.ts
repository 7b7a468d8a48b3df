import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import { seriesOf } from './logged.ts';
import { RawClient } from './wire/raw-client.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** More lines than a pipe and the edge's own bound hold. */
const REQUESTS = 6000;
const AT_ONCE = 500;

async function startEdge(upstreamUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'hung-log-'));
  const file = join(folder, 'edge.config.json');
  await writeFile(
    file,
    JSON.stringify({ upstreams: { only: { url: upstreamUrl } }, defaultUpstream: 'only', routes: [] }),
  );
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const own = { PORT: '0', ADMIN_PORT: '0', DATA_DIR: join(folder, 'data'), EDGE_CONFIG: file, DRAIN_DELAY_MS: '0' };
  const limits = { MAX_UNANSWERED: '1000', JWKS_URL: 'http://127.0.0.1:9/jwks.json' };
  const edge = spawn(process.execPath, [MAIN], {
    env: { PATH, NODE_COMPILE_CACHE, ...own, ...limits },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(edge, 'exit');
  const lines: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<{ url: string; adminUrl: string }>();
  const reader = createInterface({ input: edge.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as { msg: string; url: string; adminUrl: string };
    lines.push(line);
    if (line.msg === 'listening') listening.resolve(line);
  });
  const { url, adminUrl } = await listening.promise;
  const end = async () => {
    edge.kill('SIGKILL');
    await rm(folder, { recursive: true });
  };
  return { edge, ended, lines, reader, url, adminUrl, end };
}

test('nobody waits for whoever reads the log and hangs: requests go on, what is lost is counted, the edge can end', async () => {
  await using upstream = await startRecorder((_request, res) => sendJson(res, {}));
  const { edge, ended, lines, reader, url, adminUrl, end } = await startEdge(upstream.url);
  const client = new RawClient(url);
  try {
    edge.stdout.pause();
    // An id of the client's own makes the line longer.
    const ask = `GET /metrics HTTP/1.1\r\nHost: a\r\nX-Request-ID: ${'x'.repeat(128)}\r\n\r\n`;
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      client.send(ask.repeat(AT_ONCE));
      const answered = sent + AT_ONCE;
      await client.until(
        ({ received }) => received.split('HTTP/1.1 404').length > answered,
        `${answered} answers`,
        30_000,
      );
    }
    client.send('GET /served HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until(({ received }) => received.includes('HTTP/1.1 200'), 'the answer of the upstream');

    const dropped = async () => [...(await seriesOf(adminUrl, 'fit_log_dropped_total')).values()][0]!;
    expect(await dropped()).toBeGreaterThan(0);
    edge.stdout.resume();
    const told = () => lines.filter(({ msg }) => msg === 'request').length;
    while (told() + (await dropped()) < REQUESTS + 1) await delay(10);
    expect(told() + (await dropped())).toBe(REQUESTS + 1);
    expect(told()).toBeGreaterThan(1000);

    // What it leaves unfinished is no line.
    reader.removeAllListeners('line');
    edge.stdout.pause();
    client.send(ask.repeat(AT_ONCE).repeat(4));
    await client.until(({ received }) => received.split('HTTP/1.1 404').length > REQUESTS + 2000, 'answers', 30_000);
    edge.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    client.leave();
    await end();
  }
}, 40_000);
