import type { RouteView, VerdictView } from '@fit/edge-proxy/admin-api/schemas';
import { useEffect } from 'preact/hooks';
import { useLive } from '../hooks.ts';
import { useHistory } from '../chart/use-history.ts';
import { BothHealths } from '../parts/health.tsx';
import { PhaseName } from '../parts/phase-name.tsx';
import { Rollback } from '../parts/rollback.tsx';
import { Shares } from '../parts/shares.tsx';
import { percent } from '../words/format.ts';
import { AuditLog } from './audit-log.tsx';
import { Charts } from './charts.tsx';
import { CohortForm } from './cohort-form.tsx';
import { Fallbacks } from './fallbacks.tsx';
import { ParityCard } from './parity-card.tsx';
import { RampCard } from './ramp-card.tsx';
import { Replicas } from './replicas.tsx';
import { RetirementCard } from './retirement-card.tsx';
import { SideBySide } from './side-by-side.tsx';
import { WeightControl } from './weight-control.tsx';

export function RoutePage({ name }: { name: string }) {
  const { latest } = useLive();
  const route = latest?.routes.find((each) => each.route === name);
  useEffect(() => {
    document.title = route ? `${name} ${percent(route.weight)} · Edge` : `${name} · Edge`;
  }, [name, route?.weight]);
  return (
    <>
      <nav aria-label="Breadcrumb" class="breadcrumb">
        <a href="#/">← All routes</a>
      </nav>
      {route ? (
        <Known route={route} verdict={latest?.verdicts[name]} />
      ) : (
        <NotThere name={name} isKnown={latest !== undefined} />
      )}
    </>
  );
}

function NotThere({ name, isKnown }: { name: string; isKnown: boolean }) {
  return (
    <>
      <h1 tabIndex={-1}>{name}</h1>
      <p>{isKnown ? 'There is no such route on this edge.' : 'Waiting for the first data …'}</p>
    </>
  );
}

function Known({ route, verdict }: { route: RouteView; verdict: VerdictView | undefined }) {
  const samples = useHistory(route.route);
  return (
    <div class="route-page">
      <section class="card route-card" aria-labelledby="route-name">
        <header class="card-head">
          <h1 id="route-name" tabIndex={-1}>
            {route.route}
          </h1>
          <code>{route.path}</code>
          <PhaseName route={route} />
        </header>
        <p class="sentence">{route.sentence}</p>
        <Shares route={route} />
        <div class="card-foot">
          <BothHealths route={route} traffic={samples.at(-1)} />
          <Rollback route={route} />
        </div>
      </section>
      <RampCard route={route} verdict={verdict} />
      <div class="route-columns">
        <div class="column">
          <WeightControl route={route} />
          <CohortForm route={route} />
        </div>
        <div class="column">
          <Charts route={route} samples={samples} />
          <SideBySide route={route} traffic={samples.at(-1)} />
          <Fallbacks route={route} samples={samples} />
        </div>
      </div>
      <ParityCard route={route} />
      <RetirementCard route={route} />
      <Replicas route={route} />
      <AuditLog route={route.route} />
    </div>
  );
}
