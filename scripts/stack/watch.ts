import { watch } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './services.ts';
import type { Supervised } from './supervised.ts';

/** Editors save in several steps; a change counts once they are quiet for this long. */
const QUIET_MS = 200;

/** Restarts a service when a file that it is made of changes. */
export function restartOnChange(services: readonly Supervised[], say: (line: string) => void): void {
  for (const supervised of services) {
    let timer: NodeJS.Timeout | undefined;
    const restart = async () => {
      await supervised.restart();
      await supervised.ready();
      say(`${supervised.service.name} restarted`);
    };
    const onChange = (_event: string, file: string | null) => {
      if (file?.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => void restart().catch((error: Error) => say(error.message)), QUIET_MS);
    };
    for (const folder of supervised.service.folders) watch(join(ROOT, folder), { recursive: true }, onChange);
  }
}
