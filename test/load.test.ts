import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { ROOT, Terminal, aPlaceToRun, run } from './running-stack.ts';

const k6 = {
  name: 'k6',
  find: () =>
    spawnSync('k6', ['version']).error
      ? { available: false as const, reason: 'k6 is not on PATH (go install go.k6.io/k6@latest)' }
      : { available: true as const, value: undefined },
};

await describeWith(k6, 'the k6 smoke test', () => {
  test('passes against the whole stack, and fails when nothing is there', async () => {
    const place = await aPlaceToRun();
    const stack = new Terminal(['npm', 'start'], place.env);
    await stack.printed('Stop: Ctrl-C');
    const smoke = () => run(['k6', 'run', '--quiet', `${ROOT}loadtest/src/smoke.ts`], { EDGE_URL: place.urls.edge });
    const passed = await smoke();
    expect(passed.output).toContain('six exercises, none twice');
    expect(passed.code).toBe(0);

    stack.interrupt();
    expect((await stack.ended()).code).toBe(0);
    expect((await smoke()).code).not.toBe(0);
    place.remove();
  }, 180_000);
});
