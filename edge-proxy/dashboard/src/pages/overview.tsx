import type { RouteView, StateEvent, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { useEffect } from 'preact/hooks';
import { addressOf } from '../address.ts';
import { useLive } from '../hooks.ts';
import { BothHealths } from '../parts/health.tsx';
import { PhaseName } from '../parts/phase-name.tsx';
import { Rollback } from '../parts/rollback.tsx';
import { Shares } from '../parts/shares.tsx';
import { rampInShort } from '../words/ramp-words.ts';

export function Overview() {
  const { latest } = useLive();
  useEffect(() => {
    document.title = 'Routes · Edge';
  }, []);
  return (
    <section class="overview">
      <h1 tabIndex={-1}>Routes</h1>
      {latest ? <Routes state={latest} /> : <p class="hint">Waiting for the first data …</p>}
    </section>
  );
}

function Routes({ state }: { state: StateEvent }) {
  if (state.routes.length === 0) return <p>No route is configured: everything goes to the default upstream.</p>;
  return (
    <ul class="cards">
      {state.routes.map((route) => (
        <li key={route.route}>
          <RouteCard route={route} traffic={state.traffic[route.route]} />
        </li>
      ))}
    </ul>
  );
}

function RouteCard({ route, traffic }: { route: RouteView; traffic: Traffic | null | undefined }) {
  return (
    <article class="card route-card" aria-labelledby={`route-${route.route}`}>
      <header class="card-head">
        <h2 id={`route-${route.route}`}>
          <a href={addressOf(route.route)}>{route.route}</a>
        </h2>
        <code>{route.path}</code>
        <PhaseName route={route} />
      </header>
      <p class="sentence">{route.sentence}</p>
      {route.ramp && (
        <p class={`ramp-short is-${route.ramp.phase}`}>
          <strong>Ramp</strong> {rampInShort(route.ramp)}
        </p>
      )}
      <Shares route={route} />
      <div class="card-foot">
        <BothHealths route={route} traffic={traffic} />
        <Rollback route={route} />
      </div>
    </article>
  );
}
