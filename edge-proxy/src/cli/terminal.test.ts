import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import type { Component } from '@fit/test-kit/components';
import { startAdminServer } from '../admin-api/test/admin-server.ts';
import type { AdminServer } from '../admin-api/test/admin-server.ts';
import { EXIT } from './exit-code.ts';
import { NOWHERE } from './test/edgectl-in-test.ts';

/** Makes a terminal of its own for a command, and ends with the command's exit code. */
const script: Component<string> = {
  name: 'script of util-linux',
  find: () => {
    try {
      const version = execFileSync('script', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      if (version.includes('util-linux')) return { available: true, value: 'script' };
      return { available: false, reason: `it is ${version.trim()}` };
    } catch {
      return { available: false, reason: 'there is none on the PATH' };
    }
  },
};

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

await describeWith(script, 'at a terminal', (command) => {
  let server: AdminServer;
  beforeEach(async () => {
    server = await startAdminServer();
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
  });

  /** Runs `edgectl` at a terminal; each answer is typed once what comes before it was shown. */
  async function atTerminal(words: string, typed: readonly (readonly [shown: string, answer: string])[]) {
    const line = `exec ${process.execPath} ${join(import.meta.dirname, 'edgectl.ts')} ${words}`;
    const env = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('operator'), FIT_DATA_DIR: NOWHERE };
    const child = spawn(command, ['--quiet', '--return', '--command', line, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    const closed = once(child, 'close');
    for (const [wanted, answer] of typed) {
      while (!shown.includes(wanted) && child.exitCode === null) await delay(10);
      child.stdin.write(answer);
    }
    const [code] = (await closed) as [number];
    return { code, shown: stripVTControlCharacters(shown) };
  }

  test('reason and confirmation are asked for', async () => {
    const { code, shown } = await atTerminal('weight wod 100', [
      ['Why?', 'everybody\r'],
      ['[y/N]', 'y\r'],
    ]);
    expect(code).toBe(EXIT.done);
    expect(shown).toContain('moves 100 % of all users from legacy to coach');
    expect((await server.store.load()).states.get('wod')).toMatchObject({ weight: 10_000, reason: 'everybody' });
  });

  test.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ])('%s instead of a reason changes nothing', async (_, key) => {
    const { code, shown } = await atTerminal('rollback wod', [['Why?', key]]);
    expect(code).toBe(EXIT.usage);
    expect(shown).toContain('edgectl: no reason, and nothing is changed.');
    expect((await server.store.load()).states.size).toBe(0);
  });

  test('the status is watched until Ctrl-C', async () => {
    const { code, shown } = await atTerminal('status --watch 0.1', [['history', CTRL_C]]);
    expect(code).toBe(EXIT.done);
    expect(shown).toContain('Ctrl-C ends.');
  });
});
