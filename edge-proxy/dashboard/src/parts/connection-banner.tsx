import type { LiveState } from '../api/live-state.ts';
import { useLive, useNow, useSignedIn } from '../hooks.ts';
import { stretch, utcTime } from '../words/format.ts';

/** There while no states come in: since when, why, and when the next attempt is. */
export function ConnectionBanner() {
  const live = useLive();
  const isLost = live.connection.kind === 'lost';
  return (
    <section class="banner-place" aria-label="Connection">
      <div role="alert">{isLost && <p class="banner-title">Connection to the edge lost. What you see is old.</p>}</div>
      {isLost && <Details live={live} />}
    </section>
  );
}

/** Its seconds tick, so it is no part of what is read out. */
function Details({ live: { connection, receivedAt } }: { live: LiveState }) {
  const { live } = useSignedIn();
  const now = useNow();
  if (connection.kind !== 'lost') return null;
  const waitMs = connection.retryAt - now;
  return (
    <p class="banner-details">
      {receivedAt === undefined
        ? 'No data has come yet. '
        : `The last data came ${stretch(now - receivedAt)} ago, at ${utcTime(new Date(receivedAt), new Date(now))} UTC. `}
      {connection.why}. Rollback can be tried all the same.{' '}
      {waitMs > 0 ? `Connecting again in ${stretch(waitMs)}.` : 'Connecting again …'}{' '}
      <button type="button" onClick={live.retryNow}>
        Connect now
      </button>
    </p>
  );
}
