import type { RouteView, SideHealth, SideTraffic, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { duration, plural, rate, shareOf } from '../words/format.ts';
import { SideName } from './side-name.tsx';

const WORDS = { healthy: '✓ healthy', probing: '◐ probing', failing: '✕ failing' } as const;
const BREAKERS = { healthy: 'closed', probing: 'half open', failing: 'open' } as const;

/** @param replicas how many edges there are */
export function Health({ health, replicas }: { health: SideHealth; replicas: number }) {
  const where = health.failing_on > 0 ? ` on ${health.failing_on} of ${plural(replicas, 'edge')}` : '';
  return (
    <span class={`health is-${health.state}`}>
      <strong>{WORDS[health.state]}</strong>{' '}
      <span class="health-breaker">
        breaker {BREAKERS[health.state]}
        {where}
      </span>
    </span>
  );
}

/** @param traffic the latest; null or undefined if there was none */
export function BothHealths({ route, traffic }: { route: RouteView; traffic: Traffic | null | undefined }) {
  return (
    <dl class="healths">
      {(['old', 'new'] as const).map((side) => (
        <div key={side}>
          <dt>
            <SideName side={side} name={route.sides[side]} />
          </dt>
          <dd>
            <Health health={route.health[side]} replicas={route.acknowledged.replicas} />
            {traffic && <span class="health-numbers">{numbersInWords(traffic.sides[side], traffic)}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function numbersInWords({ requests, failed, p95_ms }: SideTraffic, { window_seconds }: Traffic): string {
  if (requests === 0) return 'no requests';
  return `${rate(requests / window_seconds)} requests/s, ${shareOf(failed, requests)} errors, p95\u00a0${duration(p95_ms)}`;
}
