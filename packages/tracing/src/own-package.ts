import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';

export type OwnPackage = { name: string; version: string | undefined };

/**
 * The package, without its scope, whose program this process runs.
 *
 * @param program path of the program; undefined if there is none, as in a shell
 */
export function ownPackage(program: string | undefined): OwnPackage {
  const file = program === undefined ? undefined : findPackageJSON(pathToFileURL(program));
  if (file === undefined) return { name: 'node', version: undefined };
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  return { name: name?.replace(/^@[^/]*\//, '') ?? 'node', version };
}
