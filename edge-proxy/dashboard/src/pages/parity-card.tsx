import type { ParityView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useCallback } from 'preact/hooks';
import { usePolled, useSignedIn } from '../hooks.ts';
import { Fold } from '../parts/fold.tsx';
import { OrderPanel } from '../parts/order-panel.tsx';
import { count, percent, plural } from '../words/format.ts';
import { Differences } from './differences.tsx';
import { LiveChecks } from './live-checks.tsx';
import { useMirrorOrder } from './use-mirror-order.tsx';

const EVERY_MS = 5000;

/** Whether both sides answer the same, as far as copies of requests and live answers tell. */
export function ParityCard({ route }: { route: RouteView }) {
  const share = route.mirror_share;
  const note = share === 0 ? 'nothing is mirrored now' : `${percent(share)} of safe requests are mirrored`;
  return (
    <Fold name={`parity ${route.route}`} title="Do both answer the same?" note={note} isOpenAtFirst={share > 0}>
      {() => <Parity route={route} />}
    </Fold>
  );
}

function Parity({ route }: { route: RouteView }) {
  const { client } = useSignedIn();
  const { route: name, revision } = route;
  const ask = useCallback((signal: AbortSignal) => client.parity(name, signal), [client, name, revision]);
  const { value: parity, problem } = usePolled(ask, { isWanted: true, everyMs: EVERY_MS });
  const orders = useMirrorOrder(route);
  return (
    <div class="fold-body">
      {problem !== undefined && <p class="outcome is-problem">This cannot be read now. {problem}</p>}
      {!parity && problem === undefined && <p class="calm">Loading …</p>}
      {parity && <Summary parity={parity} />}
      <OrderPanel name="mirror" route={route} orders={orders} />
      {parity && (
        <>
          <Differences parity={parity} route={route} />
          <LiveChecks live={parity.live} sides={route.sides} />
        </>
      )}
    </div>
  );
}

function Summary({ parity }: { parity: ParityView }) {
  const skipped = Object.entries(parity.skipped).filter(([, requests]) => requests > 0);
  return (
    <>
      <p class="sentence">{parity.sentence}</p>
      <dl class="figures">
        <Figure name="Compared" value={count(parity.compared)} note={`since revision ${parity.since_revision}`} />
        <Figure name="Differing" value={count(parity.differing)} note="not explained by any rule" />
        <Figure
          name="At most"
          value={parity.differing_at_most === null ? '–' : percent(parity.differing_at_most)}
          note="differ, with 99 % confidence"
        />
      </dl>
      {skipped.length > 0 && (
        <p class="hint">
          Not compared:{' '}
          {skipped
            .map(([why, requests]) => `${plural(requests, 'request', 'requests')} (${why.replaceAll('-', ' ')})`)
            .join(', ')}
          .
        </p>
      )}
    </>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <span class="figure-value">{value}</span>
        <span class="figure-note">{note}</span>
      </dd>
    </div>
  );
}
