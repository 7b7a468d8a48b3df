import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stack/services.ts';
import { billOfMaterials } from './supply-chain/bill-of-materials.ts';
import { DELIVERED } from './supply-chain/delivered.ts';
import { licencesPage } from './supply-chain/licences.ts';
import { neededByAll, readLockFile } from './supply-chain/lock-file.ts';
import type { Dependent } from './supply-chain/lock-file.ts';

/** `npm run sbom`: a bill of materials of each image and of the whole, and docs/licences.md. Needs no network. */
const folder = join(ROOT, '.data', 'sbom');
const lock = readLockFile(ROOT);

mkdirSync(folder, { recursive: true });
for (const [name, workspaces] of Object.entries(DELIVERED)) {
  const dependents = neededByAll(lock, workspaces);
  const subject = dependents.find((dependent) => dependent.folder === workspaces[0]);
  if (subject) write(name, subject, dependents);
}
const whole = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string };
write(whole.name, whole, neededByAll(lock, Object.values(DELIVERED).flat()));
writeFileSync(join(ROOT, 'docs', 'licences.md'), licencesPage(lock));
process.stdout.write('docs/licences.md\n');

function write(name: string, subject: { name: string; version: string }, dependents: readonly Dependent[]): void {
  const bill = billOfMaterials(subject, dependents);
  writeFileSync(join(folder, `${name}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
  process.stdout.write(`.data/sbom/${name}.cdx.json: ${bill.components.length} components\n`);
}
