import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readEnv } from '../edge-proxy/src/config/env.ts';
import { loadRouteFile } from '../edge-proxy/src/config/route-file.ts';
import { startedText } from '../edge-proxy/src/edge-started.ts';
import { ROOT, Terminal, aPlaceToRun } from './running-stack.ts';

/** `docs/your-own-app.md` as a stranger pastes it, on real processes; its outputs are compared with what is printed. */
const page = readFileSync(join(ROOT, 'docs/your-own-app.md'), 'utf8');
const place = await aPlaceToRun();
const { monolith: oldShop, coach: newShop, edge, admin } = place.urls;

/** The page's own ports and folder, and what stands for them here. */
const STAND_INS: readonly (readonly [string, string])[] = [
  ['http://127.0.0.1:4001', oldShop],
  ['http://127.0.0.1:4002', newShop],
  ['http://127.0.0.1:8080', edge],
  ['http://127.0.0.1:8081', admin],
  ['.data/your-own-app', join(place.env.FIT_DATA_DIR, 'edge')],
];
const here = (text: string) => STAND_INS.reduce((all, [theirs, ours]) => all.replaceAll(theirs, ours), text);

type Step = { section: string; command: string; output: string | undefined };
const steps = page.split(/^## /m).flatMap((section) => {
  const blocks = section.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms);
  return [...blocks].map(([, command = '', output]): Step => ({
    section: section.split('\n', 1)[0]!,
    command,
    output,
  }));
});
const stepsOf = (section: string) => steps.filter((step) => step.section === section);

const terminals: Terminal[] = [];
let shell: Shell;
beforeAll(async () => {
  // Without it npx would look for a stranger's package.
  if (!existsSync(join(ROOT, 'node_modules/.bin/edge'))) throw new Error('node_modules/.bin/edge is missing: npm ci');
  const env = {
    OLD_SHOP_PORT: new URL(oldShop).port,
    NEW_SHOP_PORT: new URL(newShop).port,
    PORT: new URL(edge).port,
    ADMIN_PORT: new URL(admin).port,
    EDGE_ADMIN_URL: admin,
    // What npm has to say about the machine's own settings is not the page's business.
    NPM_CONFIG_LOGLEVEL: 'error',
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
  shell = new Shell(env);
  for (const number of [1, 2, 3]) {
    const command = steps.find((step) => step.command.startsWith(`# terminal ${number}\n`))!.command;
    terminals.push(new Terminal(['bash', '-c', here(command)], env));
  }
  const [old, young, proxy] = terminals;
  await Promise.all([old!.printed(oldShop), young!.printed(newShop), proxy!.printed('"msg":"listening"')]);
}, 60_000);
afterAll(async () => {
  shell.end();
  for (const terminal of terminals) {
    try {
      terminal.interrupt();
    } catch {
      // Ended already, as the page has it.
    }
    await terminal.ended();
  }
  place.remove();
}, 60_000);

describe('the page, line by line', () => {
  test('has every block that this test runs', () => {
    expect(steps.map((step) => step.section)).toEqual([
      '1. Two servers',
      '1. Two servers',
      '2. The edge before them',
      ...Array.from({ length: 3 }, () => '3. Watch them split'),
      ...Array.from({ length: 2 }, () => '4. Move the weight'),
      ...Array.from({ length: 3 }, () => '5. Break the new server'),
    ]);
  });

  test('2. The edge before them: shows what the edge prints in a terminal', () => {
    const started = startedText({
      url: 'http://127.0.0.1:8080',
      adminUrl: 'http://127.0.0.1:8081',
      file: loadRouteFile(join(ROOT, 'examples/your-own-app/edge.yaml'), readEnv({}).variables),
      jwksUrl: 'http://127.0.0.1:4001/jwks.json',
      issuer: 'old-shop',
    });
    expect(page).toContain(`\n\`\`\`text\n  ${started.trim()}\n\`\`\`\n`);
  });

  test('3. Watch them split: people with a cookie, tenants with a header, customers with a claim', async () => {
    await followed('3. Watch them split');
  }, 30_000);

  test.each([
    ['/cart', (key: string) => ({ cookie: `theme=dark; session=${key}` })],
    ['/prices', (key: string) => ({ 'x-tenant': key })],
    ['/orders', (key: string) => ({ authorization: `Bearer ${forged(key)}` })],
  ])('the same key of %s is always on the same side, and half of 400 are on each', async (path, headersFor) => {
    const first = await onNewSide(path, headersFor);
    expect(await onNewSide(path, headersFor)).toEqual(first);
    // 4 σ of a fair split.
    expect(Math.abs(first.size - 200)).toBeLessThanOrEqual(40);
  });

  test('4. Move the weight: more people come over, and a tester looks first', async () => {
    const before = await onNewSide('/cart', (key) => ({ cookie: `session=${key}` }));
    await followed('4. Move the weight');
    const after = await onNewSide('/cart', (key) => ({ cookie: `session=${key}` }));
    expect([...before].filter((key) => !after.has(key))).toEqual([]);
    expect(Math.abs(after.size - 300)).toBeLessThanOrEqual(35);
  }, 30_000);

  test('without a key the address decides, so everybody here is on the same side', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await servedBy('/cart', {})));
    expect(new Set(answers).size).toBe(1);
  });

  test('5. Break the new server: the old one answers, a POST is refused, everybody goes back', async () => {
    terminals[1]!.interrupt();
    await terminals[1]!.ended();
    await followed('5. Break the new server');
    const { size } = await onNewSide('/cart', (key) => ({ cookie: `session=${key}` }));
    expect(size).toBe(0);
  }, 30_000);
});

/** Runs the blocks of a section that belong into the fourth terminal, and compares what they print. */
async function followed(section: string): Promise<void> {
  for (const { command, output } of stepsOf(section)) {
    const printed = await shell.run(here(command));
    expect({ command, printed }).toEqual({ command, printed: output?.trim() });
  }
}

/** Which of 400 keys are served by the new shop. */
async function onNewSide(path: string, headersFor: (key: string) => Record<string, string>): Promise<Set<string>> {
  const keys = Array.from({ length: 400 }, (_, index) => `key-${index}`);
  const found = new Set<string>();
  for (let at = 0; at < keys.length; at += 20) {
    const some = keys.slice(at, at + 20);
    const answers = await Promise.all(some.map(async (key) => await servedBy(path, headersFor(key))));
    for (const [index, key] of some.entries()) if (answers[index] === 'new shop') found.add(key);
  }
  return found;
}

async function servedBy(path: string, headers: Record<string, string>): Promise<string> {
  return ((await (await fetch(`${edge}${path}`, { headers })).json()) as { servedBy: string }).servedBy;
}

/** The edge decodes and does not verify: both shops refuse this, and say who they are. */
function forged(customer: string): string {
  return `e30.${Buffer.from(JSON.stringify({ customer })).toString('base64url')}.e30`;
}

/** The terminal in which one block after the other is pasted. */
class Shell {
  readonly #child: ChildProcess;
  #printed = '';

  constructor(env: Record<string, string>) {
    const { NODE_OPTIONS: _flags, ...own } = process.env;
    this.#child = spawn('bash', { cwd: ROOT, env: { ...own, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#printed += text));
    }
  }

  /** What a block prints, without carriage returns and outer white space. */
  async run(block: string): Promise<string> {
    const end = `-- end of block ${Math.random()} --`;
    this.#printed = '';
    this.#child.stdin!.write(`${block}\necho '${end}'\n`);
    while (!this.#printed.includes(end)) {
      if (this.#child.exitCode !== null) throw new Error(`the shell ended: ${this.#printed}`);
      await new Promise((later) => setTimeout(later, 20));
    }
    return this.#printed.slice(0, this.#printed.indexOf(end)).replaceAll('\r', '').trim();
  }

  end(): void {
    this.#child.stdin!.end();
  }
}
