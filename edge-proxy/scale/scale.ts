import { readFileSync, writeFileSync } from 'node:fs';
import { readMeasured } from './measured.ts';
import { PAGE_FILE, withParts } from './page.ts';
import { computedParts } from './tables.ts';

/** `npm run scale`: the tables of docs/scale.md from the figures in measured.json. */
const parts = computedParts(readMeasured());
writeFileSync(PAGE_FILE, withParts(readFileSync(PAGE_FILE, 'utf8'), parts));
for (const [name, part] of Object.entries(parts)) {
  if (name !== 'measured') process.stdout.write(`${part}\n\n`);
}
process.stdout.write('docs/scale.md has these tables.\n');
