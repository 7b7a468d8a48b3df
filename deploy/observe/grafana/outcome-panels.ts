import { lines, states } from './panels.ts';

/** A counter of this route, a second, by one of its labels. */
const rateOf = (counter: string, label: string) => ({
  expr: `sum by (${label}) (rate(${counter}{route="$route"}[$__rate_interval]))`,
  legend: `{{${label}}}`,
});

const BREAKERS = {
  0: { text: 'closed', color: 'green' },
  1: { text: 'half open', color: 'yellow' },
  2: { text: 'open', color: 'red' },
};

/** What became of requests that an upstream failed. */
export function rescuePanels() {
  return [
    lines({
      title: 'Fallbacks, by reason',
      description: 'Failures of the new side that nobody met: the old side answered instead.',
      unit: 'reqps',
      queries: [rateOf('edge_fallbacks_total', 'reason')],
    }),
    lines({
      title: 'Fallbacks withheld, and faults met',
      description:
        'Failures of the new side that the old one was not asked to save, by why; and what people met in the end.',
      unit: 'reqps',
      queries: [
        rateOf('edge_fallbacks_withheld_total', 'why'),
        { ...rateOf('edge_faults_total', 'fault'), legend: 'met: {{fault}}' },
      ],
    }),
    states({
      title: 'Breakers',
      description: 'Of each edge for each upstream. Open: calls fail, and most are not made.',
      width: 'third',
      states: BREAKERS,
      queries: [{ expr: 'edge_breaker_state', legend: '{{instance}} → {{upstream}}, {{breaker}}' }],
    }),
  ];
}

/** Whether both sides give the same answers. */
export function parityPanels() {
  return [
    lines({
      title: 'Copies, by what became of them',
      description:
        'Requests that were to be copied to the other side: the same, different, or why they were not compared.',
      unit: 'reqps',
      queries: [
        rateOf('edge_mirror_requests_total', 'result'),
        { expr: 'max(edge_route_mirror_ratio{route="$route"})', legend: 'share that is copied (0–1)' },
      ],
    }),
    lines({
      title: 'Pairs that differ',
      description:
        'Since mirroring began, of all edges: how many pairs were compared, and how many differ unexplained.',
      unit: 'short',
      queries: [
        { expr: 'sum(edge_parity_compared_pairs{route="$route"})', legend: 'compared' },
        { expr: 'sum(edge_parity_unexplained_pairs{route="$route"})', legend: 'unexplained' },
      ],
    }),
    lines({
      title: 'Live answers looked at, and time of copies',
      description:
        'Answers to people that broke the rules of their content or kept them, by side; and p95 of the copies, in seconds.',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (side, result) (rate(edge_live_checks_total{route="$route"}[$__rate_interval]))',
          legend: '{{side}}, {{result}}',
        },
        {
          expr: 'histogram_quantile(0.95, sum by (side, le) (rate(edge_mirror_duration_seconds_bucket{route="$route"}[$__rate_interval])))',
          legend: '{{side}}, p95 of a copy',
        },
      ],
    }),
  ];
}

/** How fast everybody is back, and what was decided. */
export function rollbackPanels() {
  return [
    lines({
      title: 'Time to roll back',
      description: 'From the order until every edge that lives serves it: 95 % took less, and the last drill.',
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.95, sum by (le) (increase(edge_rollback_duration_seconds_bucket{route="$route"}[1d])))',
          legend: 'p95 of a day',
        },
        { expr: 'max(edge_rollback_drill_seconds{route="$route"})', legend: 'last drill' },
      ],
    }),
    lines({
      title: 'Decisions, and notifications',
      description: 'What ramps decided in the last hour, and webhooks that were delivered or given up.',
      unit: 'short',
      queries: [
        { expr: 'sum by (kind) (increase(edge_ramp_decisions_total{route="$route"}[1h]))', legend: '{{kind}}' },
        {
          expr: 'sum by (outcome) (increase(edge_notifications_total{route="$route"}[1h]))',
          legend: 'webhook {{outcome}}',
        },
      ],
    }),
    lines({
      title: 'Store',
      description:
        'Whether each edge reaches it (1), who leads, rollbacks that it has yet to get, and states damaged or put back.',
      unit: 'short',
      isStepped: true,
      queries: [
        { expr: 'edge_store_up', legend: '{{instance}} reaches it' },
        { expr: 'edge_ramp_leader', legend: '{{instance}} leads' },
        { expr: 'edge_rollbacks_pending', legend: '{{instance}} pending' },
        { expr: 'sum by (why) (increase(edge_store_damages_total[1h]))', legend: 'damaged: {{why}}' },
        { expr: 'sum by (why) (increase(edge_store_repairs_total[1h]))', legend: 'put back: {{why}}' },
      ],
    }),
  ];
}
