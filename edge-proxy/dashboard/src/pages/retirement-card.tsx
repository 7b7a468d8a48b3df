import type { RetirementView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useCallback } from 'preact/hooks';
import { usePolled, useSignedIn } from '../hooks.ts';
import { Fold } from '../parts/fold.tsx';
import { Moment } from '../parts/moment.tsx';
import { OrderPanel } from '../parts/order-panel.tsx';
import { conditionInWords, lastServedInWords, retirementInWords } from '../words/retirement-words.ts';
import { useRetirementOrders } from './use-retirement-orders.ts';

const EVERY_MS = 5000;
const EVERYBODY = 100;

/** Whether the old code may be deleted: what must hold for that, and what speaks for or against it. */
export function RetirementCard({ route }: { route: RouteView }) {
  return (
    <Fold
      name={`retirement ${route.route}`}
      title="May the old code go?"
      note={route.retired ? 'retired: there is no way back' : `${route.sides.old} can take everybody back`}
      isOpenAtFirst={route.weight === EVERYBODY}
    >
      {() => <Retirement route={route} />}
    </Fold>
  );
}

function Retirement({ route }: { route: RouteView }) {
  const { client } = useSignedIn();
  const { route: name, revision } = route;
  const ask = useCallback((signal: AbortSignal) => client.retirement(name, signal), [client, name, revision]);
  const { value: retirement, problem } = usePolled(ask, { isWanted: true, everyMs: EVERY_MS });
  const orders = useRetirementOrders(route, retirement);
  return (
    <div class="fold-body">
      {problem !== undefined && <p class="outcome is-problem">This cannot be read now. {problem}</p>}
      {!retirement && problem === undefined && <p class="calm">Loading …</p>}
      {retirement && (
        <>
          <p class="sentence">{retirementInWords(retirement, route.sides.old)}</p>
          <Conditions retirement={retirement} route={route} />
          <LastServed retirement={retirement} route={route} />
        </>
      )}
      <OrderPanel name="retirement" route={route} orders={orders} />
    </div>
  );
}

type Props = { retirement: RetirementView; route: RouteView };

function Conditions({ retirement, route }: Props) {
  return (
    <ul class="findings">
      {retirement.conditions.map(({ name, met, evidence }) => (
        <li key={name} class={`finding is-${met ? 'pass' : 'fail'}`}>
          <p class="finding-head">
            <strong class="finding-verdict">{met ? '✓ met' : '✕ not met'}</strong>{' '}
            <span>{conditionInWords(name, route.sides)}</span>
          </p>
          <p class="finding-text">{evidence}</p>
        </li>
      ))}
    </ul>
  );
}

function LastServed({ retirement: { last_served }, route: { sides } }: Props) {
  return (
    <section aria-labelledby="last-served-title">
      <h3 id="last-served-title">Last time that {sides.old} was used</h3>
      <dl class="last-served">
        {(['weight', 'fallback', 'override', 'direct'] as const).map((why) => {
          const at = last_served[why];
          return (
            <div key={why}>
              <dt>{lastServedInWords(why, sides)}</dt>
              <dd>{at === null ? <span class="calm">never seen</span> : <Moment at={at} />}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
