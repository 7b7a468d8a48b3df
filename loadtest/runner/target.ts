import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LoadTestError, usageError } from './failures.ts';
import type { Settings } from './settings.ts';

/** Where the load goes, and where it is steered from; origins. */
export type Target = {
  name: string;
  url: string;
  loginUrl: string;
  /** One for each edge that has a store of its own; empty: weights can neither be read nor set. */
  adminUrls: string[];
  skipsTlsVerification: boolean;
};

/** As `npm start` writes it; Nginx is absent where it is not installed. */
const stackSchema = z.object({
  edge: z.url(),
  admin: z.url(),
  nginx: z.url().optional(),
  nginxTls: z.url().optional(),
});
type Stack = z.infer<typeof stackSchema>;

type Wanted = Pick<Settings, 'target' | 'url' | 'login' | 'admin'>;

/** @throws LoadTestError if there is no stack, or no Nginx in it */
export function findTarget(wanted: Wanted, dataDir: string): Target {
  if (wanted.url !== undefined) {
    return {
      name: wanted.url,
      url: wanted.url,
      loginUrl: wanted.login ?? wanted.url,
      adminUrls: wanted.admin ?? [],
      skipsTlsVerification: false,
    };
  }
  const stack = readStack(dataDir);
  const { url, http } = frontOf(stack, wanted.target);
  return {
    name: `${wanted.target} (${url})`,
    url,
    loginUrl: wanted.login ?? http,
    adminUrls: wanted.admin ?? [stack.admin],
    skipsTlsVerification: wanted.target === 'nginx',
  };
}

/** The certificate of Nginx is its own, so people log in over plain HTTP: only k6 is told to trust it. */
function frontOf(stack: Stack, target: Settings['target']): { url: string; http: string } {
  if (target === 'edge') return { url: stack.edge, http: stack.edge };
  if (stack.nginx === undefined || stack.nginxTls === undefined) {
    throw usageError('--target nginx: the running stack has no Nginx (install nginx, then npm start again)');
  }
  return { url: stack.nginxTls, http: stack.nginx };
}

function readStack(dataDir: string): Stack {
  const file = join(dataDir, 'stack.json');
  try {
    return stackSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
    const advice = 'start one (npm start), name its folder (FIT_DATA_DIR) or another stack (--url)';
    throw new LoadTestError('not-possible', `No stack is running: ${file} ${why}; ${advice}`, { cause });
  }
}
