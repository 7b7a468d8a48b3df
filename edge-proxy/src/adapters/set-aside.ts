import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';

/** Renames a file to `PATH.WHY`, or `PATH.WHY.2` and so on where that is taken. @returns the new name */
export async function setAside(path: string, why: string): Promise<string> {
  const aside = unusedName(`${path}.${why}`);
  await rename(path, aside);
  return aside;
}

function unusedName(wanted: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    if (!existsSync(name)) return name;
  }
}
