import { markdownTable } from '../markdown-table.ts';
import { DELIVERED } from './delivered.ts';
import { neededByAll } from './lock-file.ts';
import type { LockFile } from './lock-file.ts';

/** Licences of what we deliver that ask for no more than to be named (SPDX identifiers). */
export const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Unlicense',
]);

/** Allowed beside these for packages that begin with the name, and why. */
export const EXCEPTIONS: readonly { licence: string; packages: string; why: string }[] = [
  {
    licence: 'MPL-2.0',
    packages: 'lightningcss',
    why: 'Vite compresses styles with it when the page is built, and we have changed nothing of it',
  },
];

/** A package of others that we deliver. */
export type Licensed = { name: string; versions: string[]; licence: string; deliveredIn: string[] };

/** Every package of others that something delivered needs in production, in the order of their names. */
export function licensedPackages(lock: LockFile): Licensed[] {
  const found = new Map<string, Licensed>();
  for (const [delivered, workspaces] of Object.entries(DELIVERED)) {
    for (const { name, version, entry } of neededByAll(lock, workspaces).filter(({ isOurs }) => !isOurs)) {
      const licence = entry.license ?? 'none';
      const known = found.get(`${name} ${licence}`) ?? { name, versions: [], licence, deliveredIn: [] };
      if (!known.versions.includes(version)) known.versions.push(version);
      if (!known.deliveredIn.includes(delivered)) known.deliveredIn.push(delivered);
      found.set(`${name} ${licence}`, known);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Those whose licence nobody has allowed. An expression with OR is allowed if one of its licences is. */
export function refused(packages: readonly Licensed[]): Licensed[] {
  return packages.filter(({ name, licence }) => {
    const isExcepted = EXCEPTIONS.some((each) => each.licence === licence && name.startsWith(each.packages));
    return !isExcepted && !isAllowed(licence);
  });
}

function isAllowed(licence: string): boolean {
  const alternatives = licence.replaceAll(/[()]/g, '').split(' OR ');
  return alternatives.some((alternative) => alternative.split(' AND ').every((each) => ALLOWED.has(each)));
}

/** The text of docs/licences.md. */
export function licencesPage(lock: LockFile): string {
  const packages = licensedPackages(lock);
  const counts = Map.groupBy(packages, ({ licence }) => licence);
  const byCount = [...counts].sort(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1));
  return `# Licences

What we deliver and others wrote: every package that one of our images needs in production, from the lock file, those for other
platforms too. \`npm run sbom\` writes this page, and a bill of materials of each image (CycloneDX) into \`.data/sbom/\`. A test compares
the page with the lock file and refuses licences that nobody has allowed.

${markdownTable([['licence', 'packages'], ...byCount.map(([licence, list]) => [licence, String(list.length)])])}

${EXCEPTIONS.map(({ licence, packages: name, why }) => `${licence} for \`${name}\`: ${why}.`).join('\n')}

${markdownTable([
  ['package', 'version', 'licence', 'image'],
  ...packages.map(({ name, versions, licence, deliveredIn }) => [
    `\`${name}\``,
    versions.sort().join(', '),
    licence,
    deliveredIn.join(', '),
  ]),
])}
`;
}
