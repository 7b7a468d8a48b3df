import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { GOLDEN_HEADERS } from '../golden/golden-headers.ts';
import { askNginx, whyNoNginx } from '../golden/nginx-split.ts';
import type { GoldenFile } from '../golden/nginx-split.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/vectors.json', import.meta.url), 'utf8')) as GoldenFile;

const nginx = {
  name: 'nginx with njs',
  find: () => {
    const reason = whyNoNginx();
    return reason === undefined
      ? { available: true as const, value: undefined }
      : { available: false as const, reason };
  },
};

await describeWith(nginx, 'the golden vectors', () => {
  test('are made again, the same, by the nginx of this machine', async () => {
    const { vectors } = await askNginx(GOLDEN_HEADERS);
    expect(vectors).toEqual(golden.vectors);
  });
});
