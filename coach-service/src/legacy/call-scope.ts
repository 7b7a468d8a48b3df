import type { Response } from 'express';

/** Why calls to the monolith are given up. */
export type GiveUp = 'timeout' | 'cancelled';

/** The time and interest that one request has for calls to the monolith. */
export type CallScope = {
  /** Aborted with a `GiveUp` as its reason. */
  signal: AbortSignal;
  /** Gives up whatever is still under way. */
  giveUp: () => void;
  /** Forgets deadline and client; nothing is under way any more. */
  close: () => void;
};

/** A scope that is given up at the deadline, when the client leaves, or by `giveUp`; it must be closed in the end. */
export function openCallScope({ timeoutMs, client }: { timeoutMs: number; client?: Response }): CallScope {
  const controller = new AbortController();
  const abort = (reason: GiveUp) => controller.abort(reason);
  const deadline = setTimeout(abort, timeoutMs, 'timeout' satisfies GiveUp);
  const giveUp = () => abort('cancelled');
  client?.once('close', giveUp);
  return {
    signal: controller.signal,
    giveUp,
    close: () => {
      clearTimeout(deadline);
      client?.off('close', giveUp);
    },
  };
}

/** Resolves with the reason once the scope's signal is aborted. */
export async function givenUp(signal: AbortSignal): Promise<{ kind: GiveUp }> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return { kind: signal.reason as GiveUp };
}
