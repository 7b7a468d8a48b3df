import { lockFolder } from '@fit/service-kit/exclusive-lock';
import { createLogger } from '@fit/service-kit/logger';
import { warnOfNearMisses } from '@fit/service-kit/near-miss';
import { Readiness } from '@fit/service-kit/readiness';
import type { RunningProcess } from '@fit/service-kit/run-process';
import type { NginxEnv } from './env.ts';
import { startNginx } from './nginx-process.ts';
import { localUrl, openNginxFolder } from './settings.ts';

/** Runs Nginx as a child with the life of a service of ours: it ends, drained, with its supervisor or on SIGTERM. */
export async function startNginxService(env: NginxEnv): Promise<RunningProcess> {
  const logger = createLogger('nginx', env.LOG_LEVEL);
  warnOfNearMisses(logger, env.nearMisses);
  const place = openNginxFolder(env.DATA_DIR);
  const lock = lockFolder(place.folder);
  const nginx = await startNginx(place);
  const readiness = new Readiness();
  readiness.markReady();
  logger.info({ url: localUrl(place.settings) }, 'listening');
  let isQuitting = false;
  void nginx.ended.then(() => {
    if (isQuitting) return;
    logger.fatal('nginx ended by itself');
    process.exit(1);
  });
  return {
    logger,
    readiness,
    close: async () => {
      isQuitting = true;
      await nginx.quit();
      lock.release();
    },
  };
}
