import type { TrafficSample } from '../control-plane/route-control.ts';
import { TRAFFIC_WINDOW_MS } from '../control-plane/route-store.ts';
import { newShareOf, noTraffic, quantileMs } from '../domain/traffic.ts';
import type { SideCounts } from '../domain/traffic.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { RouteView, SideTraffic, Traffic } from './schemas.ts';

export const WINDOW_SECONDS = TRAFFIC_WINDOW_MS / 1000;

/** A sample as the admin API shows it. */
export function trafficView({ at, weight, revision, traffic, replicas }: TrafficSample): Traffic {
  return {
    at: new Date(at).toISOString(),
    window_seconds: WINDOW_SECONDS,
    weight: weightToPercent(weight),
    revision,
    replicas,
    sides: { old: sideView(traffic.sides.old), new: sideView(traffic.sides.new) },
    fallbacks: { ...traffic.fallbacks },
    withheld: { ...traffic.withheld },
  };
}

/** The share that all edges together saw, by the newest sample. */
export function observedView(newest: TrafficSample | undefined): RouteView['observed'] {
  const traffic = newest?.traffic ?? noTraffic();
  const share = newShareOf(traffic);
  return {
    share: share === undefined ? null : rounded(share * 100, 100),
    requests: { old: traffic.sides.old.requests, new: traffic.sides.new.requests },
    window_seconds: WINDOW_SECONDS,
  };
}

function sideView(counts: SideCounts): SideTraffic {
  const quantile = (share: number) => {
    const ms = quantileMs(counts, share);
    return ms === undefined ? null : rounded(ms, 10);
  };
  const { requests, failed, saved } = counts;
  return { requests, failed, saved, p50_ms: quantile(0.5), p95_ms: quantile(0.95), p99_ms: quantile(0.99) };
}

/** @param parts of one that are kept */
function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
