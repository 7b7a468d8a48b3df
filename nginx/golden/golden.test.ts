import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { GOLDEN_HEADERS } from '@fit/contracts/golden/golden-headers.ts';
import type { GoldenFile } from '@fit/contracts/golden/golden-headers.ts';
import { describeWith } from '@fit/test-kit/components';
import { nginxWithNjs } from '../test/nginx-component.ts';
import { askNginx } from './nginx-split.ts';

const file = new URL(import.meta.resolve('@fit/contracts/golden/vectors.json'));
const golden = JSON.parse(readFileSync(file, 'utf8')) as GoldenFile;

await describeWith(nginxWithNjs, 'the golden vectors', () => {
  test('are made again, the same, by the nginx of this machine', async () => {
    const { vectors } = await askNginx(GOLDEN_HEADERS);
    expect(vectors).toEqual(golden.vectors);
  });
});
