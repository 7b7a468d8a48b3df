import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { routeFileJsonSchema, schemaAt } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PUBLISHED = join(ROOT, 'edge-proxy', 'edge.schema.json');
const published = JSON.parse(readFileSync(PUBLISHED, 'utf8')) as JsonSchema;
const validate = new Ajv2020().compile(published);

/** Every route file of the repository names its schema for editors. */
const ROUTE_FILES = ['edge-proxy', 'examples']
  .flatMap((folder) => yamlFilesIn(join(ROOT, folder)))
  .filter((file) => readFileSync(file, 'utf8').includes('defaultUpstream:'));

test('the published schema is what the code checks; if not: node edge-proxy/src/config/write-schema.ts', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(routeFileJsonSchema())));
});

test('there are route files to look at', () => {
  expect(ROUTE_FILES.map((file) => relative(ROOT, file))).toEqual(
    expect.arrayContaining(['edge-proxy/edge.config.yaml', 'examples/your-own-app/edge.yaml']),
  );
});

test.each(ROUTE_FILES.map((file) => [relative(ROOT, file), file]))('%s is valid, and names the schema', (_, file) => {
  const text = readFileSync(file, 'utf8');
  expect(validate(parse(text)) ? [] : validate.errors).toEqual([]);
  const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? '';
  expect(resolve(dirname(file), named)).toBe(PUBLISHED);
});

test.each([
  ['an unknown field', { upstream: {} }],
  ['a weight above 100', { routes: [{ name: 'a', path: '/a', old: 'x', new: 'x', initialWeight: 101 }] }],
  ['a path without its slash', { routes: [{ name: 'a', path: 'a', old: 'x', new: 'x' }] }],
  ['a route without a side', { routes: [{ name: 'a', path: '/a', old: 'x' }] }],
  ['an upstream with a bad name', { upstreams: { X: { url: 'http://x' } } }],
  ['a breaker of a second', { upstreams: { x: { url: 'http://x', breaker: { openMs: '1s' } } } }],
])('%s is refused', (_, wrong) => {
  const file = { upstreams: { x: { url: 'http://x' } }, defaultUpstream: 'x' };
  expect(validate(file)).toBe(true);
  expect(validate({ ...file, ...wrong })).toBe(false);
});

test('a variable may stand for a text of any form', () => {
  const file = { upstreams: { x: { url: '${X}' } }, defaultUpstream: '${X}', internalPaths: ['${PREFIX}/metrics'] };
  expect(validate(file)).toBe(true);
});

test('every field says what it is, and every number its range and default', () => {
  const fields = leavesOf(published);
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter(({ field }) => !field.description).map(({ path }) => path.join('.'))).toEqual([]);
  const numbers = fields.filter(({ field }) => field.type === 'integer' || field.type === 'number');
  expect(numbers.filter(({ field }) => !isBounded(field)).map(({ path }) => path.join('.'))).toEqual([]);
});

test('a field is found within maps, lists and choices; what is none is not', () => {
  expect(schemaAt(published, ['upstreams', 'x', 'breaker', 'openMs'])?.type).toBe('integer');
  expect(schemaAt(published, ['routes', 0, 'key', 'cookie'])?.type).toBe('string');
  expect(schemaAt(published, ['routes', 0, 'toString'])).toBeUndefined();
  expect(schemaAt(published, [])).toBe(published);
});

type Field = { path: string[]; field: JsonSchema };

function leavesOf(schema: JsonSchema, path: string[] = []): Field[] {
  const members = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.anyOf ?? []).map((choice, at) => [`choice ${at}`, choice] as const),
    ...(typeof schema.additionalProperties === 'object' ? [['*', schema.additionalProperties] as const] : []),
    ...(schema.type === 'array' && typeof schema.items === 'object' ? [['0', schema.items] as const] : []),
  ];
  return members.flatMap(([name, member]) => {
    const field = member as JsonSchema;
    const inside = leavesOf(field, [...path, name]);
    return name in (schema.properties ?? {}) ? [{ path: [...path, name], field }, ...inside] : inside;
  });
}

function isBounded({ minimum, maximum, default: fallback }: JsonSchema): boolean {
  return minimum !== undefined && maximum !== undefined && fallback !== undefined;
}

function yamlFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
