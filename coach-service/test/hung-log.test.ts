import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { freePort } from '@fit/test-kit/free-port';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Their lines are several times what a pipe holds. */
const REQUESTS = 3000;
const AT_ONCE = 100;

/** Asks for what is not there, again and again. */
async function ask(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const seen = { answers: 0 };
  socket.on('data', (text: string) => (seen.answers += text.split('HTTP/1.1 404').length - 1));
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    socket.write('GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(AT_ONCE));
    // The test's own time limit ends the waiting.
    while (seen.answers < sent + AT_ONCE) await delay(2);
  }
  socket.destroy();
}

async function untilListening(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => undefined))) await delay(20);
}

test.each([
  ['nobody reads', () => 'pipe' as const],
  ['a full disk takes nothing of', () => openSync('/dev/full', 'w')],
])('a service goes on, and ends, though its log is one that %s', async (_which, openLog) => {
  const port = await freePort();
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, PORT: String(port), LEGACY_URL: 'http://127.0.0.1:9' };
  const coach = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', openLog(), 'ignore'] });
  const ended = once(coach, 'exit');
  try {
    await untilListening(`http://127.0.0.1:${port}/health`);
    await ask(port);
    const scrape = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(scrape).toMatch(/^fit_log_dropped_total\{service="coach-service"\} \d+$/m);
    coach.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    coach.kill('SIGKILL');
  }
});
