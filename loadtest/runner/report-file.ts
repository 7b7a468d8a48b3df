import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { LoadTestError, usageError } from './failures.ts';

/** Opens the page to write as it will be opened after the load, and leaves nothing behind. Its folder must be there. */
export function mustBeWritable(file: string): void {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    throw usageError(`--report must be a file that can be written: ${(error as Error).message}`);
  }
  if (isNew) rmSync(file);
}

export function writeReport(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new LoadTestError('page-not-written', `The page was not written: ${(cause as Error).message}`, { cause });
  }
}
