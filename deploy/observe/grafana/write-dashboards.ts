import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { format } from 'prettier';
import { dashboardFiles } from './dashboard-files.ts';

/** `node deploy/observe/grafana/write-dashboards.ts`: the dashboards anew, after a change of the files that make them. */
for (const { file, dashboard } of dashboardFiles()) {
  await writeFile(file, await format(JSON.stringify(dashboard), { parser: 'json', printWidth: 120 }));
  process.stdout.write(`${relative(process.cwd(), file)}\n`);
}
