import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';

export type OwnPackage = { name: string; version: string | undefined };

/**
 * The package, without its scope, whose program this process runs; of a link, as npm makes them, the one that it leads to.
 *
 * @param program path of the program; undefined if there is none, as in a shell, and of no file if it is an argument of
 *   `node --eval`
 */
export function ownPackage(program: string | undefined): OwnPackage {
  const isFile = program !== undefined && existsSync(program);
  const file = isFile ? findPackageJSON(pathToFileURL(program)) : undefined;
  if (file === undefined) return { name: 'node', version: undefined };
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  return { name: name?.replace(/^@[^/]*\//, '') ?? 'node', version };
}
