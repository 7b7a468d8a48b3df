import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RouteConfig } from '../config/route-file.ts';
import { loadComparators } from './load-comparators.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'comparators-'))));
afterAll(async () => await rm(folder, { recursive: true }));

const COMPARE: RouteConfig['compare'] = {
  headers: [],
  ignore: ['body.x'],
  tolerance: {},
  redact: [],
  checkPercent: 10,
};
const ANSWER = { status: 200, headers: {}, body: { x: 1 }, text: '{"x":1}', digest: undefined };

async function load(module: string | undefined, text?: string) {
  if (module !== undefined && text !== undefined) await writeFile(join(folder, module), text);
  const routes = [{ name: 'wod', compare: module === undefined ? COMPARE : { ...COMPARE, module: `./${module}` } }];
  return (await loadComparators(join(folder, 'edge.config.yaml'), routes)).get('wod')!;
}

test('without a module answers are compared as JSON, by the rules', async () => {
  const { compare, check } = await load(undefined);
  expect(compare(ANSWER, { ...ANSWER, body: { x: 2 }, text: '{"x":2}' })).toEqual([]);
  expect(compare(ANSWER, { ...ANSWER, body: { x: 1, y: 1 }, text: '' })).toHaveLength(1);
  expect(check).toBeUndefined();
});

test('a TypeScript module gets the rules', async () => {
  const { compare } = await load(
    'rules.ts',
    'export const createComparator = (rules: object) => ({ compare: () => [{ field: JSON.stringify(rules), old: "", new: "" }] });',
  );
  expect(compare(ANSWER, ANSWER)[0]!.field).toBe('{"headers":[],"ignore":["body.x"],"tolerance":{}}');
});

// In a process of its own: Jest reads a file once.
test('a module that was changed is read anew', async () => {
  const write = (field: string, at: number) =>
    `fs.writeFileSync(file, "export const createComparator = () => ({ compare: () => '${field}' });"); fs.utimesSync(file, ${at}, ${at});`;
  const loaded = "console.log((await loadComparators(file, routes)).get('wod').compare());";
  const routes = [{ name: 'wod', compare: { ...COMPARE, module: 'changed.ts' } }];
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import fs from 'node:fs';
     import { loadComparators } from ${JSON.stringify(new URL('load-comparators.ts', import.meta.url).href)};
     const file = ${JSON.stringify(join(folder, 'changed.ts'))};
     const routes = ${JSON.stringify(routes)};
     ${write('one', 1)} ${loaded} ${write('two', 2)} ${loaded}`,
  ]);
  expect(stdout).toBe('one\ntwo\n');
});

test.each([
  ['missing.ts', undefined, 'must be a module that can be loaded: '],
  ['throws.ts', 'throw new Error("out of order");', 'can be loaded: out of order'],
  ['empty.ts', 'export const other = 1;', 'must export the function createComparator: '],
  ['fails.ts', 'export const createComparator = () => { throw new Error("bad rules"); };', 'failed: bad rules'],
  ['nothing.ts', 'export const createComparator = () => undefined;', 'the function compare, made undefined'],
  ['check.ts', 'export const createComparator = () => ({ compare() { return []; }, check: 1 });', 'it is number'],
])('%s is refused, with its reason', async (module, text, why) => {
  const refused = load(module, text);
  await expect(refused).rejects.toMatchObject({ code: 'bad-comparator', message: expect.stringContaining(why) });
  await expect(refused).rejects.toThrow('edge.config.yaml cannot be used:\n  - compare.module of route wod must ');
});
