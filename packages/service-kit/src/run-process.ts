import type { Logger } from './logger.ts';
import type { Readiness } from './readiness.ts';
import { StartError } from './start-error.ts';
import { activeTracing } from './tracing.ts';

/** A started process: what it must do to end. */
export type RunningProcess = {
  logger: Logger;
  readiness: Readiness;
  /** Stops taking work, lets what is under way finish, frees everything. */
  close: () => Promise<void>;
  /** Takes its configuration anew, at SIGHUP, which waits for the end of the start. Never rejects. */
  reload?: () => Promise<void>;
};

/** What was under way has this long to finish. */
const DRAIN_TIMEOUT_MS = 15_000;

/**
 * Runs a process until SIGTERM, SIGINT, SIGHUP if it cannot reload, or the end of a supervisor that started it with an IPC
 * channel; then drains and exits 0; one whose supervisor ends before it has started exits at once. A start that fails for a
 * reason that the operator can mend prints the reason alone and exits 1.
 */
export async function runProcess(start: () => Promise<RunningProcess>): Promise<void> {
  const isSupervised = process.connected;
  const leaveUnstarted = () => process.exit(0);
  process.once('disconnect', leaveUnstarted);
  let isHungUp = false;
  let hangUp = (): void => {
    isHungUp = true;
  };
  process.on('SIGHUP', () => hangUp());
  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${explainStart(error)}\n`);
    process.exit(1);
  }
  const { logger } = running;
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'draining');
    void drain(running);
  };
  const { reload } = running;
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  hangUp = () => (reload ? void reload() : stop('SIGHUP'));
  if (isHungUp) hangUp();
  process.off('disconnect', leaveUnstarted);
  process.on('disconnect', () => stop('the supervisor ended'));
  if (isSupervised && !process.connected) stop('the supervisor ended');
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (error: unknown) => {
      logger.fatal({ err: error }, fault);
      process.exit(1);
    });
  }
}

async function drain({ readiness, close, logger }: RunningProcess): Promise<void> {
  readiness.drain();
  const late = setTimeout(() => {
    logger.warn({ timeoutMs: DRAIN_TIMEOUT_MS }, 'did not drain in time');
    process.exit(1);
  }, DRAIN_TIMEOUT_MS).unref();
  try {
    await close();
    clearTimeout(late);
    await activeTracing()?.flush();
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'could not stop cleanly');
    process.exit(1);
  }
}

function explainStart(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
