import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { ensureCertificate } from './certificate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is for this machine, for a year, and its key for nobody else', async () => {
  const { certificate, key } = await ensureCertificate(folder);
  const made = new X509Certificate(readFileSync(certificate));
  expect(made.checkHost('localhost')).toBe('localhost');
  expect(made.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(made.checkIP('::1')).toBe('::1');
  expect(made.ca).toBe(false);
  expect(made.validToDate.getTime() - Date.now()).toBeGreaterThan(364 * 86_400_000);
  expect(statSync(key).mode & 0o777).toBe(0o600);
});

test('is kept while it is good', async () => {
  const read = async () => readFileSync((await ensureCertificate(folder)).certificate, 'utf8');
  expect(await read()).toBe(await read());
});

test.each([
  ['ends within a month', async () => (await generate([], { notAfterDate: new Date(Date.now() + 86_400_000) })).cert],
  ['belongs to another key', async () => (await generate([], {})).cert],
  ['is none', async () => 'garbage'],
])('one that %s is made anew', async (_, present) => {
  const { certificate } = await ensureCertificate(folder);
  const bad = await present();
  writeFileSync(certificate, bad);
  await ensureCertificate(folder);
  expect(readFileSync(certificate, 'utf8')).not.toBe(bad);
  expect(new X509Certificate(readFileSync(certificate)).checkHost('localhost')).toBe('localhost');
});
