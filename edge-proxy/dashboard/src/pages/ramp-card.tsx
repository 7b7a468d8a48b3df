import type { RampView, RouteView, VerdictView } from '@fit/edge-proxy/admin-api/schemas';
import { Moment } from '../parts/moment.tsx';
import { OrderPanel } from '../parts/order-panel.tsx';
import { VerdictList } from '../parts/verdict-list.tsx';
import { percent, plural } from '../words/format.ts';
import { decisionInWords, isUnderWay, phaseInWords, standInWords } from '../words/ramp-words.ts';
import { RampTrack } from './ramp-track.tsx';
import { useRampOrders } from './use-ramp-orders.tsx';

/** @param verdict the latest; undefined while none has come */
export function RampCard({ route, verdict }: { route: RouteView; verdict: VerdictView | undefined }) {
  const { ramp } = route;
  const orders = useRampOrders(route);
  return (
    <section class="card ramp-card" aria-labelledby="ramp-title">
      <header class="card-head">
        <h2 id="ramp-title">Ramp</h2>
        {ramp && <RampPhase ramp={ramp} sides={route.sides} />}
      </header>
      <div class="ramp-plan">
        {ramp ? <Plan ramp={ramp} route={route} /> : <p class="calm">No ramp has been started on this route.</p>}
      </div>
      <div class="ramp-now">
        <Decision verdict={verdict} />
        <LastWord route={route} />
        {ramp && (isUnderWay(ramp) || ramp.phase === 'completed') && <Rules ramp={ramp} sides={route.sides} />}
      </div>
      <div class="ramp-now">
        {route.retired && <p class="calm">The route is retired: unretire it before it is ramped again.</p>}
        <OrderPanel name="ramp" route={route} orders={orders} />
      </div>
      <Gates verdict={verdict} />
    </section>
  );
}

function RampPhase({ ramp, sides }: { ramp: RampView; sides: RouteView['sides'] }) {
  const { name, meaning } = phaseInWords(ramp.phase, sides);
  return (
    <p class={`phase is-${ramp.phase}`}>
      <strong>{name}</strong> <span>{meaning}</span>
    </p>
  );
}

function Plan({ ramp, route }: { ramp: RampView; route: RouteView }) {
  return (
    <>
      <p>
        {standInWords(ramp, route.weight)} since <Moment at={ramp.step_since} />.
      </p>
      <RampTrack ramp={ramp} />
    </>
  );
}

function Rules({ ramp, sides }: { ramp: RampView; sides: RouteView['sides'] }) {
  const { minimum_users: least, on_fail } = ramp.plan;
  const left =
    ramp.plan.judged_by === 'people'
      ? `${plural(least, 'person', 'people')} were on ${sides.new}`
      : `each custom gate has counted ${plural(least, 'request', 'requests')}; people are not judged`;
  return (
    <p class="hint">
      A gate that fails {on_fail === 'rollback' ? `sends everybody back to ${sides.old}` : 'freezes the ramp'}. No step
      is left before {left}.
    </p>
  );
}

function Decision({ verdict }: { verdict: VerdictView | undefined }) {
  const decision = decisionInWords(verdict);
  if (!decision) return null;
  return (
    <p class="decision">
      <strong>Decision: {decision.word}.</strong> {decision.sentence}{' '}
      {verdict?.is_leading === false && <span class="row-note">This edge does not carry decisions out.</span>}
    </p>
  );
}

/** Why the ramp went no further, as long as nothing else was done since. */
function LastWord({ route: { ramp, changed_by, reason } }: { route: RouteView }) {
  if (changed_by !== 'ramp' || (ramp?.phase !== 'rolled-back' && ramp?.phase !== 'frozen')) return null;
  return (
    <p class="decision">
      <strong>Decision: {ramp.phase === 'frozen' ? 'freeze' : 'roll back'}.</strong> {reason}
    </p>
  );
}

function Gates({ verdict }: { verdict: VerdictView | undefined }) {
  return (
    <section class="gates" aria-labelledby="gates-title">
      <h3 id="gates-title">
        Gates{' '}
        {verdict?.judged === true && verdict.at !== null && (
          <span class="row-note">
            at {percent(verdict.weight)}, judged at <Moment at={verdict.at} />
          </span>
        )}
      </h3>
      {verdict?.judged === true ? (
        <>
          {verdict.decision === null && <p class="calm">No ramp guards the route: nothing follows from them.</p>}
          <VerdictList gates={verdict.gates} />
        </>
      ) : (
        <p class="calm">
          {verdict?.weight === 0
            ? 'Nothing is judged: at 0 % nobody is on the new side.'
            : 'Nothing has been judged yet.'}
        </p>
      )}
    </section>
  );
}
