import type { Dependent } from './lock-file.ts';

/** A CycloneDX 1.6 document, as far as we write it: https://cyclonedx.org/docs/1.6/json/ */
export type BillOfMaterials = {
  $schema: string;
  bomFormat: 'CycloneDX';
  specVersion: '1.6';
  version: 1;
  metadata: { lifecycles: { phase: 'build' }[]; component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

type Component = {
  type: 'application' | 'library';
  'bom-ref': string;
  group?: string;
  name: string;
  version: string;
  scope?: 'required' | 'optional';
  hashes?: { alg: string; content: string }[];
  licenses?: ({ license: { id: string } } | { expression: string })[];
  purl: string;
};

const ALGORITHMS: Record<string, string> = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' };

/**
 * The bill of materials of `subject`, one of `dependents`, or of a whole that needs all of them. What nothing else in it needs,
 * like the page in the edge's image, is the subject's own need. The same lock file gives
 * the same bytes: there is neither a time nor a serial number in it, which the format leaves to us.
 */
export function billOfMaterials(
  subject: { name: string; version: string },
  dependents: readonly Dependent[],
): BillOfMaterials {
  const own = dependents.find(({ isOurs, name }) => isOurs && name === subject.name);
  const refs = new Map(dependents.map((dependent) => [dependent.folder, purlOf(dependent)]));
  const listed = uniqueByRef(dependents.filter((dependent) => dependent !== own));
  const root = { ...named(subject), type: 'application' as const };
  const needed = new Set(dependents.flatMap(({ needs }) => needs));
  const unneeded = dependents.filter((each) => each !== own && !needed.has(each.folder)).map(({ folder }) => folder);
  const needs = [...(own?.needs ?? []), ...unneeded].map((folder) => refs.get(folder) ?? '');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: root },
    components: listed.map(component),
    dependencies: [
      { ref: root['bom-ref'], dependsOn: sortedUnique(needs) },
      ...listed.map((dependent) => ({
        ref: purlOf(dependent),
        dependsOn: sortedUnique(
          dependents
            .filter((other) => purlOf(other) === purlOf(dependent))
            .flatMap((other) => other.needs.map((folder) => refs.get(folder) ?? '')),
        ),
      })),
    ],
  };
}

/** One package may lie in several folders; what one of them cannot do without is required. */
function uniqueByRef(dependents: readonly Dependent[]): Dependent[] {
  const byRef = new Map<string, Dependent>();
  for (const dependent of dependents) {
    const known = byRef.get(purlOf(dependent));
    if (!known || known.isOptional) byRef.set(purlOf(dependent), dependent);
  }
  return [...byRef.values()].sort((a, b) => (purlOf(a) < purlOf(b) ? -1 : 1));
}

function component(dependent: Dependent): Component {
  const { entry, isOptional } = dependent;
  return {
    ...named(dependent),
    type: 'library',
    scope: isOptional ? 'optional' : 'required',
    ...(entry.integrity ? { hashes: entry.integrity.split(' ').map(hashOf) } : {}),
    ...(entry.license ? { licenses: [licenceOf(entry.license)] } : {}),
  };
}

function named(subject: { name: string; version: string }) {
  const [group, name] = subject.name.startsWith('@') ? subject.name.split('/') : [undefined, subject.name];
  const purl = purlOf(subject);
  return { 'bom-ref': purl, ...(group ? { group } : {}), name: name ?? '', version: subject.version, purl };
}

/** https://github.com/package-url/purl-spec: the at sign of a scope is escaped. */
function purlOf({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** From the form of a lock file (Subresource Integrity: base64) to that of CycloneDX (hexadecimal). */
function hashOf(integrity: string): { alg: string; content: string } {
  const [name = '', base64 = ''] = integrity.split('-', 2);
  const alg = ALGORITHMS[name];
  if (alg === undefined) throw new Error(`integrity must be of sha1 to sha512, received ${JSON.stringify(integrity)}`);
  return { alg, content: Buffer.from(base64, 'base64').toString('hex') };
}

function licenceOf(text: string): { license: { id: string } } | { expression: string } {
  return /^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text };
}

function sortedUnique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
