import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubernetesObject } from '@fit/test-kit/kubernetes-schema';

const RULES = join(import.meta.dirname, '..', 'observe', 'rules');

/** The files of `deploy/observe/rules` as the Prometheus operator takes them, one object a file. */
export function prometheusRules(): (KubernetesObject & { spec: unknown })[] {
  const files = readdirSync(RULES).filter((name) => name.endsWith('.yml'));
  return files.map((file) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: file.replace('.yml', ''), namespace: 'fit', labels: { 'app.kubernetes.io/part-of': 'fit' } },
    spec: parse(readFileSync(join(RULES, file), 'utf8')),
  }));
}

if (import.meta.main) {
  process.stdout.write(
    prometheusRules()
      .map((rule) => stringify(rule, { lineWidth: 0 }))
      .join('---\n'),
  );
}
