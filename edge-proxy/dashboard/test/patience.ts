import type { Locator } from 'playwright-core';

const PATIENCE_MS = 15_000;

/** Resolves when it is to be seen on the page. */
export function seen(what: Locator): Promise<void> {
  return what.waitFor({ timeout: PATIENCE_MS });
}

/** Resolves when something has come to be so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('It did not come to be so in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
