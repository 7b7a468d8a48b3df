import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Component } from '@fit/test-kit/components';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** The value is the program's file. */
export const CHROMIUM: Component<string> = {
  name: 'Chromium',
  find: () => {
    const folders = process.env['PATH']?.split(delimiter) ?? [];
    const file = folders.map((folder) => join(folder, 'chromium')).find((each) => existsSync(each));
    return file === undefined
      ? { available: false, reason: 'chromium is not on PATH' }
      : { available: true, value: file };
  },
};

/** It asks its maker for nothing, so that what is seen is the page's own. */
const QUIET =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: QUIET.split(' ') });
}
