import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Component } from './components.ts';

/** A real browser; the value is its program's file. */
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

/** With these it asks its maker for nothing, so that what is seen is the page's own. */
export const QUIET_CHROMIUM: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
