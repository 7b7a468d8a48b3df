import { ADMIN_ROLES, CLOCK_TOLERANCE_SECONDS } from '@fit/contracts/auth';
import type { Identity } from '@fit/service-kit/authenticate';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { HistoryPage, HistoryQuery } from '../control-plane/route-store.ts';
import { actorOf } from './actor.ts';
import { auditEntryView } from './audit-view.ts';
import { EventStreams } from './event-streams.ts';
import { CODE_LIFETIME_SECONDS, LoginCodes } from './login-codes.ts';
import { createAdminDocument } from './openapi.ts';
import type { HandlersOf } from './operations.ts';
import { storeUnavailable } from './problems.ts';
import { replicaListView } from './replica-view.ts';
import type { RouteViews } from './route-view.ts';
import type { Session } from './schemas.ts';

export type EdgeHandlerOptions = { control: RouteControl; views: RouteViews; draining: AbortSignal };

type EdgeOperation =
  'getDocument' | 'logIn' | 'createLoginCode' | 'getSession' | 'getAudit' | 'listReplicas' | 'streamEvents';

/** The roles that may change weights. */
export const WRITING_ROLES = ['operator', 'admin'] as const;

/** What the admin API does beyond single routes: logins, the audit, the edges and their events. */
export function createEdgeHandlers({ control, views, draining }: EdgeHandlerOptions): HandlersOf<EdgeOperation> {
  const codes = new LoginCodes();
  let document: ReturnType<typeof createAdminDocument> | undefined;
  const streams = new EventStreams({
    subscribe: (listener) => control.subscribe(listener),
    event: () => views.event(),
    draining,
  });
  return {
    getDocument: () => {
      // Making it takes a while, and few ask.
      document ??= createAdminDocument();
      return { body: { ...document } };
    },

    createLoginCode: ({ caller }) => ({
      body: { code: codes.issue(caller.token), expires_in: CODE_LIFETIME_SECONDS },
    }),

    logIn: ({ body }) => ({ body: { token: codes.exchange(body.code) } }),

    getSession: ({ caller }) => ({ body: sessionView(caller) }),

    getAudit: async ({ query }) => {
      const { entries, next } = await historyOf(control, query);
      return { body: { entries: entries.map(auditEntryView), next: next ?? null } };
    },

    listReplicas: () => ({ body: replicaListView(control) }),

    streamEvents: ({ caller, res }) => {
      // A token is good for as long as `authenticate` takes it.
      streams.open(res, (caller.expiresAt + CLOCK_TOLERANCE_SECONDS) * 1000 - Date.now());
      return undefined;
    },
  };
}

function sessionView(caller: Identity): Session {
  const { roles, expiresAt } = caller;
  return {
    actor: actorOf(caller),
    roles: ADMIN_ROLES.filter((role) => roles.includes(role)),
    may_change: WRITING_ROLES.some((role) => roles.includes(role)),
    expires_at: Number.isFinite(expiresAt) ? new Date(expiresAt * 1000).toISOString() : null,
  };
}

async function historyOf(control: RouteControl, query: HistoryQuery): Promise<HistoryPage> {
  try {
    return await control.history(query);
  } catch (cause) {
    throw storeUnavailable('The changes cannot be read while the store is out of reach', cause);
  }
}
