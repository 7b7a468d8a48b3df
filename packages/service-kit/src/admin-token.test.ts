import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_TOKEN, ensureAdminToken, readAdminToken } from './admin-token.ts';
import { StartError } from './start-error.ts';

const TOKEN = `fit_admin_${'aB3-_'.repeat(8)}xyz`;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'admin-token-'));
  file = join(folder, 'admin-token');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readAdminToken', () => {
  test.each([TOKEN, `${TOKEN}\n`, `${TOKEN}\r\n`])('takes the token from %j', (text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(readAdminToken(file)).toBe(TOKEN);
  });

  test.each([
    ['nothing', ''],
    ['no prefix', TOKEN.slice('fit_admin_'.length)],
    ['a character too few', TOKEN.slice(0, -1)],
    ['a character too many', `${TOKEN}x`],
    ['a second line', `${TOKEN}\n${TOKEN}\n`],
    ['another alphabet', `${TOKEN.slice(0, -1)}+`],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('refuses %s', (_, text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => readAdminToken(file)).toThrow(`The admin token file ${file} must hold one line of fit_admin_`);
  });

  test.each([0o640, 0o604, 0o660, 0o644])('refuses the mode %o', (mode) => {
    writeFileSync(file, TOKEN);
    chmodSync(file, mode);
    expect(() => readAdminToken(file)).toThrow(
      `must be readable by its owner alone (chmod 600), its mode is 0${mode.toString(8)}`,
    );
  });

  test('refuses what is not there, and a folder, naming it', () => {
    expect(() => readAdminToken(file)).toThrow(new RegExp(`${file} cannot be read \\(ENOENT\\)`));
    mkdirSync(file);
    expect(() => readAdminToken(file)).toThrow(StartError);
    expect(() => readAdminToken(file)).toThrow('must be a file');
  });
});

describe('ensureAdminToken', () => {
  test('makes one for its owner alone, and leaves nothing beside it', () => {
    const deep = join(folder, 'state', 'admin-token');
    const token = ensureAdminToken(deep);
    expect(token).toMatch(ADMIN_TOKEN);
    expect(readFileSync(deep, 'utf8')).toBe(`${token}\n`);
    expect(statSync(deep).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'state'))).toEqual(['admin-token']);
  });

  test('keeps a good one', () => {
    expect(ensureAdminToken(file)).toBe(ensureAdminToken(file));
  });

  test('never makes the same twice', () => {
    expect(ensureAdminToken(file)).not.toBe(ensureAdminToken(join(folder, 'other')));
  });

  test('replaces one that others could read', () => {
    writeFileSync(file, TOKEN);
    chmodSync(file, 0o644);
    const token = ensureAdminToken(file);
    expect(token).not.toBe(TOKEN);
    expect(readAdminToken(file)).toBe(token);
  });
});
