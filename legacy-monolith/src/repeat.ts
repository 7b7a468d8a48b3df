import type { Logger } from '@fit/service-kit/logger';

/** Runs a task now and then, never twice at once; a failure is a warning, and the next turn tries again. */
export function repeat(
  name: string,
  intervalMs: number,
  logger: Logger,
  task: () => Promise<unknown>,
): { stop: () => void } {
  let isRunning = false;
  const turn = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      await task();
    } catch (error) {
      logger.warn({ err: error, task: name }, 'a repeated task failed');
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void turn(), intervalMs).unref();
  return { stop: () => clearInterval(timer) };
}
