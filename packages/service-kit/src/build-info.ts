import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/**
 * Publishes what runs here as `fit_build_info`, always 1.
 *
 * @param module `import.meta.url` of a module of the workspace, whose package.json says the version
 * @param revision of the sources, as an image knows it
 */
export function publishBuildInfo(registry: Registry, module: string, revision: string): void {
  const info = new Gauge({
    name: 'fit_build_info',
    help: 'What runs: version of the workspace, revision of the sources, Node; the value is always 1.',
    labelNames: ['version', 'revision', 'node'] as const,
    registers: [registry],
  });
  info.set({ version: versionOf(module), revision, node: process.version }, 1);
}

function versionOf(module: string): string {
  const file = findPackageJSON('.', module);
  const { version } = file ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }) : {};
  return version ?? 'unknown';
}
