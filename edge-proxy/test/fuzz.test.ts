import { expect, test } from '@jest/globals';
import { escaped } from '../fuzz/finding.ts';
import { runFuzz } from '../fuzz/fuzz-run.ts';

/** A reduction of `npm run fuzz`, which plays 100,000 cases. */
const CASES = 1500;
const SEED = 20;

test('mutated requests and answers neither end the edge nor mix up anybody, and leave nothing behind', async () => {
  const report = await runFuzz({ seed: SEED, cases: CASES, seconds: 45, concurrency: 48 });
  const findings = report.findings.map(
    ({ kind, why, caseNumber, bytes = '' }) =>
      `${kind}: ${why}; again: npm run fuzz -- --seed ${SEED} --only ${caseNumber}; ${escaped(bytes, 300)}`,
  );
  expect(findings).toEqual([]);
  expect(report.edgeErrors).toEqual([]);
  expect(report.canaries.answered).toBeGreaterThan(0);
}, 120_000);
