import { commonEnv, parseEnv } from '@fit/service-kit/env';
import { nearMisses } from '@fit/service-kit/near-miss';
import { z } from 'zod';

/** Everything that the process takes from its environment; how Nginx listens is in the folder's settings. */
export type NginxEnv = ReturnType<typeof readEnv>;

const SHAPE = {
  LOG_LEVEL: commonEnv({ port: 0 }).LOG_LEVEL,
  DATA_DIR: z.string().min(1).default('.data/nginx'),
};

/** @throws EnvError with all problems at once */
export function readEnv(env: NodeJS.ProcessEnv) {
  const values = parseEnv(SHAPE, env);
  return { ...values, nearMisses: nearMisses(env, [...Object.keys(SHAPE), 'NGINX_PROGRAM']) };
}
