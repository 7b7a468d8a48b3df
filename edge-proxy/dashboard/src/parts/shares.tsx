import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import type { ComponentChildren } from 'preact';
import { percent, plural } from '../words/format.ts';
import { Moment } from './moment.tsx';
import { SideName } from './side-name.tsx';

/** What was asked for, what the edges say that they do, and what they did: side by side, as the three may differ. */
export function Shares({ route }: { route: RouteView }) {
  return (
    <div class="shares">
      <dl class="figures">
        <Figure name="Set" value={percent(route.weight)}>
          of users on {route.sides.new}
          {route.changed_at !== null && (
            <>
              {' '}
              since <Moment at={route.changed_at} />
            </>
          )}
        </Figure>
        <Acknowledged route={route} />
        <Observed route={route} />
      </dl>
      <Split route={route} />
    </div>
  );
}

function Acknowledged({ route: { acknowledged, revision } }: { route: RouteView }) {
  const { serving, replicas } = acknowledged;
  const missing = replicas - serving;
  return (
    <Figure name="Acknowledged" value={`${serving} of ${replicas}`} isBad={missing > 0}>
      {missing > 0
        ? `${plural(missing, 'edge does', 'edges do')} not serve it yet`
        : `${replicas === 1 ? 'edge serves' : 'edges serve'} it (revision ${revision})`}
    </Figure>
  );
}

function Observed({ route: { observed } }: { route: RouteView }) {
  const requests = observed.requests.old + observed.requests.new;
  if (observed.share === null) {
    return (
      <Figure name="Observed" value="–">
        no requests in the last {observed.window_seconds}&nbsp;s
      </Figure>
    );
  }
  return (
    <Figure name="Observed" value={percent(observed.share)}>
      of {plural(requests, 'request')} in the last {observed.window_seconds}&nbsp;s
    </Figure>
  );
}

type FigureProps = { name: string; value: string; isBad?: boolean; children: ComponentChildren };

function Figure({ name, value, isBad = false, children }: FigureProps) {
  return (
    <div class={isBad ? 'figure is-bad' : 'figure'}>
      <dt>{name}</dt>
      <dd>
        <span class="figure-value">{value}</span>
        <span class="figure-note">{children}</span>
      </dd>
    </div>
  );
}

/** The weight as a picture of who is where; the figures above it say the same. */
function Split({ route }: { route: RouteView }) {
  return (
    <div class="split">
      <div class="split-names">
        <span>
          <SideName side="new" name={route.sides.new} /> {percent(route.weight)}
        </span>
        <span>
          {percent(100 - route.weight)} <SideName side="old" name={route.sides.old} />
        </span>
      </div>
      <div class="split-bar" aria-hidden="true">
        {route.weight > 0 && <span class="split-new" style={{ width: `${route.weight}%` }} />}
      </div>
    </div>
  );
}
