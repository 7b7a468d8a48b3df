import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackUrls } from './services.ts';

/** The running stack says here where it is, for the commands beside it. */
const fileIn = (dataDir: string) => join(dataDir, 'stack.json');

export function writeStackFile(dataDir: string, urls: StackUrls): void {
  writeFileSync(fileIn(dataDir), `${JSON.stringify(urls, null, 2)}\n`);
}

export function removeStackFile(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

/** @returns undefined if no stack runs */
export function readStackFile(dataDir: string): StackUrls | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as StackUrls;
  } catch {
    return undefined;
  }
}
