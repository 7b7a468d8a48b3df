import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import heavyFiles from './heavy-test-files.json' with { type: 'json' };
import { ROOT } from './stack/services.ts';

test('the test files that are started first are there', () => {
  expect(heavyFiles.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
