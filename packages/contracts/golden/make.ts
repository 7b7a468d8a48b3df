import { writeFileSync } from 'node:fs';
import { GOLDEN_HEADERS } from './golden-headers.ts';
import { askNginx, whyNoNginx } from './nginx-split.ts';

/** Makes `vectors.json` again, with the Nginx of this machine. */
const missing = whyNoNginx();
if (missing) throw new Error(missing);
const golden = await askNginx(GOLDEN_HEADERS);
const { vectors, ...about } = golden;
const rows = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
const head = JSON.stringify(about).slice(1, -1);
writeFileSync(new URL('vectors.json', import.meta.url), `{${head},"vectors":[\n${rows}\n]}\n`);
process.stdout.write(`${vectors.length} vectors made by nginx ${golden.nginx}\n`);
