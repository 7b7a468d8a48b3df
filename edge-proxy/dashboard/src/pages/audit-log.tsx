import type { AuditEntry, GateView } from '@fit/edge-proxy/admin-api/schemas';
import { useEffect, useState } from 'preact/hooks';
import type { AdminClient } from '../api/admin-client.ts';
import { explain } from '../api/problem.ts';
import { useLive, useSignedIn } from '../hooks.ts';
import { Moment, ZONE_ABOVE } from '../parts/moment.tsx';
import { VerdictList } from '../parts/verdict-list.tsx';
import { changesBesideWeight, isOfRamp, olderOf } from '../words/audit-words.ts';
import { NONE, percent, plural } from '../words/format.ts';

const PAGE = 10;

/** @param route whose changes; undefined: all */
export function AuditLog({ route }: { route: string | undefined }) {
  const log = useAuditLog(route);
  return (
    <section class="card" aria-labelledby="audit-title">
      <h2 id="audit-title">{route === undefined ? 'Changes of all routes' : 'Changes'}</h2>
      {log.entries.length > 0 ? (
        <div class="table-scroll" tabIndex={0} role="group" aria-labelledby="audit-title">
          <Entries entries={log.entries} hasRoute={route === undefined} />
        </div>
      ) : (
        log.problem === undefined && (
          <p class="calm">{log.isLoaded ? 'Nobody has changed anything yet.' : 'Loading …'}</p>
        )
      )}
      {log.problem !== undefined && (
        <p class="outcome is-problem">
          The audit log cannot be read. {log.problem}{' '}
          <button type="button" onClick={log.loadNewest}>
            Try again
          </button>
        </p>
      )}
      {log.hasOlder && (
        <div class="actions">
          <button type="button" onClick={log.loadOlder}>
            Load older
          </button>
        </div>
      )}
      <p role="status" class="visually-hidden">
        {log.news}
      </p>
    </section>
  );
}

function Entries({ entries, hasRoute }: { entries: readonly AuditEntry[]; hasRoute: boolean }) {
  return (
    <table class="audit">
      <thead>
        <tr>
          <th scope="col">When {ZONE_ABOVE}</th>
          {hasRoute && <th scope="col">Route</th>}
          <th scope="col" class="number">
            Before → after
          </th>
          <th scope="col">Who</th>
          <th scope="col">Reason</th>
          <th scope="col" class="number">
            Revision
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <tr key={keyOf(entry)}>
            <td>
              <Moment at={entry.at} isZoneAbove />
            </td>
            {hasRoute && <td>{entry.route}</td>}
            <td class="number">
              {entry.before?.weight !== entry.after.weight && (
                <>{entry.before ? percent(entry.before.weight) : NONE} → </>
              )}
              <strong>{percent(entry.after.weight)}</strong>
              {changesBesideWeight(entry, olderOf(entries, index)).map((change) => (
                <span class="audit-change" key={change}>
                  {change}
                </span>
              ))}
            </td>
            <td class="text">
              {entry.actor} {isOfRamp(entry) && <span class="row-note">by itself</span>}
            </td>
            <td class="text">
              {entry.reason}
              <Verdicts gates={entry.verdicts} revision={entry.revision} />
            </td>
            <td class="number">{entry.revision}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a decision of the edge's own rested on. */
function Verdicts({ gates, revision }: { gates: readonly GateView[]; revision: number }) {
  if (gates.length === 0) return null;
  return (
    <details class="audit-verdicts">
      <summary>
        {plural(gates.length, 'gate')}
        <span class="visually-hidden"> of revision {revision}</span>
      </summary>
      <VerdictList gates={gates} />
    </details>
  );
}

type Log = { entries: readonly AuditEntry[]; next: string | null; isLoaded: boolean; problem?: string; news: string };

/** The newest entries, anew at every change, and as many older ones as were asked for. */
function useAuditLog(route: string | undefined) {
  const { client } = useSignedIn();
  const { latest, connection } = useLive();
  const [log, setLog] = useState<Log>({ entries: [], next: null, isLoaded: false, news: '' });
  const revisions = latest?.routes
    .filter((each) => route === undefined || each.route === route)
    .map(({ revision, stored }) => `${revision}${stored}`)
    .join();
  const isLive = connection.kind === 'live';
  const load = (before: string | null) =>
    void readPage(client, route, before).then(
      (page) => setLog((known) => withPage(known, page, before !== null)),
      (error: unknown) => setLog((known) => ({ ...known, problem: explain(error) })),
    );
  useEffect(() => {
    if (isLive) load(null);
  }, [client, route, revisions, isLive]);
  return {
    ...log,
    hasOlder: log.next !== null,
    loadNewest: () => load(null),
    loadOlder: () => load(log.next),
  };
}

function readPage(client: AdminClient, route: string | undefined, before: string | null) {
  return client.audit({ route, limit: PAGE, ...(before !== null && { before }) });
}

function withPage(known: Log, page: { entries: AuditEntry[]; next: string | null }, isOlder: boolean): Log {
  const ofPage = new Set(page.entries.map(keyOf));
  const others = known.entries.filter((entry) => !ofPage.has(keyOf(entry)));
  if (isOlder) {
    const news = `${plural(page.entries.length, 'older change')} loaded`;
    return { entries: [...others, ...page.entries], next: page.next, isLoaded: true, news };
  }
  // Newest entries that do not reach down to those known leave a hole between: then it starts anew.
  const joins = others.length < known.entries.length && others.length > 0;
  const entries = joins ? [...page.entries, ...others] : page.entries;
  return { entries, next: joins ? known.next : page.next, isLoaded: true, news: '' };
}

function keyOf({ route, revision, at }: AuditEntry): string {
  return `${route} ${revision} ${at}`;
}
