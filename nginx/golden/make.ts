import { writeFileSync } from 'node:fs';
import { GOLDEN_HEADERS } from '@fit/contracts/golden/golden-headers.ts';
import { whatIsMissing } from '../src/find-nginx.ts';
import { askNginx } from './nginx-split.ts';

/** Makes the golden vectors of the contracts again, with the Nginx of this machine. */
const missing = whatIsMissing('direct');
if (missing) throw new Error(missing);
const golden = await askNginx(GOLDEN_HEADERS);
const { vectors, ...about } = golden;
const rows = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
const head = JSON.stringify(about).slice(1, -1);
const file = new URL(import.meta.resolve('@fit/contracts/golden/vectors.json'));
writeFileSync(file, `{${head},"vectors":[\n${rows}\n]}\n`);
process.stdout.write(`${vectors.length} vectors made by nginx ${golden.nginx}\n`);
