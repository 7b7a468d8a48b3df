import type { Session } from '@fit/edge-proxy/admin-api/schemas';
import { createAdminClient, exchangeCode } from './api/admin-client.ts';
import type { AdminClient } from './api/admin-client.ts';
import { connectLive, waitBeforeRetryMs } from './api/live-state.ts';
import type { LiveConnection } from './api/live-state.ts';
import { observable } from './api/observable.ts';
import type { Observable } from './api/observable.ts';
import { NoAnswerError, explain } from './api/problem.ts';
import { forgetDrafts } from './drafts.ts';

export type SignedIn = { kind: 'in'; session: Session; client: AdminClient; live: LiveConnection };
export type SessionState =
  /** `why` is undefined where nobody was logged in before. */
  { kind: 'out'; why: string | undefined } | { kind: 'entering'; problem: string | undefined } | SignedIn;

export type SessionControl = {
  state: Observable<SessionState>;
  logIn: (token: string) => Promise<void>;
  logInByCode: (code: string) => Promise<void>;
  logOut: () => void;
};

/** Of this tab alone, and gone with it. */
const KEPT_TOKEN = 'edge-admin-token';

/** Who is logged in. A token that this tab kept is tried at once. */
export function createSession(): SessionControl {
  const state = observable<SessionState>({ kind: 'out', why: undefined });
  /** Of the login that counts: what an earlier one still does is of no interest. */
  let current = {};

  function leave(why: string | undefined): void {
    current = {};
    const now = state.get();
    if (now.kind === 'in') now.live.close();
    sessionStorage.removeItem(KEPT_TOKEN);
    state.set({ kind: 'out', why });
  }

  async function logIn(token: string): Promise<void> {
    const own = (current = {});
    state.set({ kind: 'entering', problem: undefined });
    const client = createAdminClient(token, (why) => {
      if (current === own) leave(why);
    });
    const session = await untilAnswered(
      () => client.session(),
      (problem) => {
        if (current === own) state.set({ kind: 'entering', problem });
        return current === own;
      },
    ).catch((error: unknown) => {
      if (current === own) leave(explain(error));
    });
    if (!session || current !== own) return;
    sessionStorage.setItem(KEPT_TOKEN, token);
    state.set({ kind: 'in', session, client, live: connectLive(client.events) });
  }

  async function logInByCode(code: string): Promise<void> {
    leave(undefined);
    state.set({ kind: 'entering', problem: undefined });
    try {
      await logIn(await exchangeCode(code));
    } catch (error) {
      leave(`The link does not log in any more (${explain(error)}). Make a new one: npx edgectl dashboard`);
    }
  }

  const kept = sessionStorage.getItem(KEPT_TOKEN);
  if (kept !== null) void logIn(kept);
  return {
    state,
    logIn,
    logInByCode,
    logOut: () => {
      forgetDrafts();
      leave(undefined);
    },
  };
}

/**
 * Asks until the edge answers, be it a refusal.
 *
 * @param onSilence told what is wrong after every attempt; returns false to give up
 */
async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  onSilence: (problem: string) => boolean,
): Promise<Answer | undefined> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (!onSilence(`${explain(error)}. Trying again …`)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, waitBeforeRetryMs(failures, Math.random())));
    }
  }
}
