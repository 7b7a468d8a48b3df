import { spawnSync } from 'node:child_process';
import type { Component } from '@fit/test-kit/components';

/** The real Prometheus and its promtool; Debian has both in one package. */
export const PROMETHEUS: Component<undefined> = {
  name: 'prometheus',
  find: () => {
    const missing = ['prometheus', 'promtool'].find((program) => spawnSync(program, ['--version']).status !== 0);
    return missing === undefined
      ? { available: true, value: undefined }
      : { available: false, reason: `there is no ${missing} in the PATH` };
  },
};
