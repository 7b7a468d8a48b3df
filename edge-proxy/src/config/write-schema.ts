import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { routeFileJsonSchema } from './json-schema.ts';

/** `node edge-proxy/src/config/write-schema.ts`: the published schema anew, after a change of what a route file may say. */
const file = fileURLToPath(new URL('../../edge.schema.json', import.meta.url));
await writeFile(file, await format(JSON.stringify(routeFileJsonSchema()), { parser: 'json', printWidth: 120 }));
