import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An entry of package-lock.json, version 3, as far as we read it. */
export type LockedPackage = {
  name?: string;
  version?: string;
  /** Of a link: the folder of the workspace that it leads to. Of anything else: the address that it is fetched from. */
  resolved?: string;
  link?: boolean;
  integrity?: string;
  license?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};

/** Entries by folder: `''` is the repository, `edge-proxy` a workspace, `node_modules/a/node_modules/b` a package. */
export type LockFile = { lockfileVersion: number; packages: Record<string, LockedPackage> };

/** A package or a workspace, and what it leads to. */
export type Dependent = {
  folder: string;
  name: string;
  version: string;
  entry: LockedPackage;
  isOurs: boolean;
  /** Nothing fails without it: for another platform, as a rule. */
  isOptional: boolean;
  /** Folders of what it needs, in the order of their names. */
  needs: readonly string[];
};

/** @throws Error if the file is of another version than the one that is read here */
export function readLockFile(root: string): LockFile {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  if (lock.lockfileVersion !== 3) {
    throw new Error(`package-lock.json: lockfileVersion must be 3, received ${JSON.stringify(lock.lockfileVersion)}`);
  }
  return lock;
}

/**
 * The workspace and all that it needs in production, whatever the platform, in the order of their folders. Found as Node
 * finds modules: in the nearest `node_modules`. Optional peers do not count, as nothing installs them.
 *
 * @throws Error if the lock file lacks the workspace or something that is needed
 */
export function neededBy(lock: LockFile, workspace: string): Dependent[] {
  const found = new Map<string, Dependent>();
  const pending = [{ folder: workspace, isOptional: false }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const known = found.get(next.folder);
    if (known && (!known.isOptional || next.isOptional)) continue;
    const dependent = read(lock, next.folder, next.isOptional);
    found.set(next.folder, dependent);
    const optional = dependent.entry.optionalDependencies ?? {};
    for (const folder of dependent.needs) {
      pending.push({ folder, isOptional: next.isOptional || nameOf(folder, lock) in optional });
    }
  }
  return [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Of several workspaces together; what one of them cannot do without is not optional. */
export function neededByAll(lock: LockFile, workspaces: readonly string[]): Dependent[] {
  const byFolder = new Map<string, Dependent>();
  for (const dependent of workspaces.flatMap((workspace) => neededBy(lock, workspace))) {
    const known = byFolder.get(dependent.folder);
    if (!known || known.isOptional) byFolder.set(dependent.folder, dependent);
  }
  return [...byFolder.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

function read(lock: LockFile, folder: string, isOptional: boolean): Dependent {
  const entry = lock.packages[folder];
  if (!entry) throw new Error(`package-lock.json has nothing at ${JSON.stringify(folder)}`);
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = entry;
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  const required = [...Object.keys(dependencies ?? {}), ...peers].filter(
    (name) => !(name in (optionalDependencies ?? {})),
  );
  const needs = new Set(required.map((name) => locate(lock, folder, name) ?? missing(folder, name)));
  for (const name of Object.keys(optionalDependencies ?? {})) {
    const at = locate(lock, folder, name);
    if (at !== undefined) needs.add(at);
  }
  const isOurs = !folder.includes('node_modules/');
  const { version = '' } = entry;
  return { folder, name: nameOf(folder, lock), version, entry, isOurs, isOptional, needs: [...needs].sort() };
}

function missing(folder: string, name: string): never {
  throw new Error(`package-lock.json lacks ${JSON.stringify(name)}, which ${JSON.stringify(folder)} needs`);
}

/** The folder that a module in `folder` would find `name` in; that of the workspace where it is a link to one. */
function locate(lock: LockFile, folder: string, name: string): string | undefined {
  for (let at = folder; ; at = at.includes('/') ? dirname(at) : '') {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const entry = lock.packages[candidate];
    if (entry) return entry.link ? entry.resolved : candidate;
    if (at === '') return undefined;
  }
}

function nameOf(folder: string, lock: LockFile): string {
  return lock.packages[folder]?.name ?? folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
