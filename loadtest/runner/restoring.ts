import { LoadTestError } from './failures.ts';
import type { RouteWeight } from './route-weight.ts';

/**
 * Does something, and then restores the weight, however that went. What cannot be restored is the last line.
 *
 * @throws LoadTestError `not-restored`; otherwise what the work throws
 */
export async function restoring<Result>(
  weight: Pick<RouteWeight, 'restore'> | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const [outcome] = await Promise.allSettled([work()]);
  const complaints = (await weight?.restore()) ?? [];
  const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
  if (complaints.length > 0) {
    const lines = reason === undefined ? complaints : [(reason as Error).message, ...complaints];
    throw new LoadTestError('not-restored', lines.join('\n'), {
      cause: reason,
      ...(reason instanceof LoadTestError && { exitCode: reason.exitCode }),
    });
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
