import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { ROOT } from './running-stack.ts';

const RULES: [file: string, imported: string, allowed: boolean][] = [
  ['edge-proxy/src/domain/a.ts', '../data-plane/fault.ts', false],
  ['edge-proxy/src/domain/a.ts', '@fit/service-kit/env', false],
  ['edge-proxy/src/domain/a.ts', './weight.ts', true],
  ['edge-proxy/src/data-plane/a.ts', '../control-plane/change-route.ts', false],
  ['edge-proxy/src/data-plane/a.ts', '../snapshot.ts', true],
  ['edge-proxy/src/control-plane/a.ts', '../data-plane/pipeline.ts', false],
  ['edge-proxy/src/control-plane/a.ts', '../adapters/file-store.ts', false],
  ['edge-proxy/src/control-plane/a.ts', '../domain/weight.ts', true],
  ['edge-proxy/src/evidence/a.ts', '../data-plane/follower.ts', true],
  ['edge-proxy/src/evidence/a.ts', '../control-plane/judging.ts', false],
  ['edge-proxy/src/parity/a.ts', '../admin-api/schemas.ts', false],
  ['edge-proxy/comparators/a.ts', '../src/parity/comparator.ts', true],
  ['edge-proxy/comparators/a.ts', '@fit/contracts/calendar', true],
  ['edge-proxy/comparators/a.ts', '../src/data-plane/fault.ts', false],
  ['edge-proxy/src/cli/a.ts', '../snapshot.ts', false],
  ['edge-proxy/src/cli/a.ts', '../admin-api/admin-app.ts', false],
  ['edge-proxy/src/cli/a.ts', '../admin-api/schemas.ts', true],
  ['edge-proxy/dashboard/src/a.ts', '@fit/edge-proxy/admin-api/schemas', false],
  ['edge-proxy/dashboard/src/a.ts', '@fit/contracts/auth', false],
  ['edge-proxy/dashboard/src/a.ts', '../../src/domain/weight.ts', false],
  ['edge-proxy/dashboard/src/a.ts', './session.ts', true],
  ['coach-service/src/a.ts', '../../legacy-monolith/src/app.ts', false],
  ['coach-service/src/a.ts', '@fit/edge-proxy/app', false],
  ['coach-service/src/a.ts', '@fit/contracts/history', true],
];

/** Rows have a file each, next to the one that they are about: the linter is started once for all of them. */
const fileOf = (row: number) => join(dirname(RULES[row]![0]), `a${row}.ts`);

let complaints: string[];
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  RULES.forEach(([file, imported], row) => {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, fileOf(row)), `export { a } from '${imported}';\n`);
  });
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--format=unix'], {
    cwd: folder,
    encoding: 'utf8',
  });
  complaints = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'));
  rmSync(folder, { recursive: true });
});

/** The layer rules are only as good as the patterns in the lint configuration: here they meet imports. */
test.each(RULES.map((rule, row) => [...rule, row] as const))(
  '%s may import %s: %p',
  (_file, _imported, allowed, row) => {
    expect(complaints.some((line) => line.startsWith(`${fileOf(row)}:`))).toBe(!allowed);
  },
);
