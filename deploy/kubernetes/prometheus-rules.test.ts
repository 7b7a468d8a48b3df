import { schemaProblems } from '@fit/test-kit/kubernetes-schema';
import { expect, test } from '@jest/globals';
import { prometheusRules } from './prometheus-rules.ts';

test('the rules of deploy/observe are what the operator takes', async () => {
  const rules = prometheusRules();
  expect(rules.map(({ metadata }) => metadata.name)).toContain('objective');
  const problems = await Promise.all(rules.map(async (rule) => await schemaProblems(rule)));
  expect(problems.flat()).toEqual([]);
});
