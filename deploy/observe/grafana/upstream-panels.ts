import { lines } from './panels.ts';

const PAIR = '{{instance}} → {{upstream}} ({{route}})';

/** Rate, errors and duration of the calls of each edge to each upstream, by route, and how near they are to their limits. */
export function upstreamPanels() {
  return [
    lines({
      title: 'Calls',
      description: 'By route; “none” is what no route takes. Fallbacks and retries are calls of their own.',
      unit: 'reqps',
      queries: [{ expr: 'instance_route_upstream:edge_upstream_calls:rate5m', legend: PAIR }],
    }),
    lines({
      title: 'Failed calls',
      description: 'Share that ended in a 5xx or a fault.',
      unit: 'percentunit',
      queries: [{ expr: 'instance_route_upstream:edge_upstream_calls_failed:ratio_rate5m', legend: PAIR }],
    }),
    lines({
      title: 'Time of a call, p95',
      description: '95 % took less.',
      unit: 's',
      queries: [{ expr: 'instance_route_upstream:edge_upstream_request_duration_seconds:p95_rate5m', legend: PAIR }],
    }),
  ];
}

/** How near calls are to their limits, and what is under way. */
export function poolPanels() {
  return [
    lines({
      title: 'Use of the limits',
      description: 'Calls under way, of those allowed. At 100 % requests get 503 at once, or the old side.',
      unit: 'percentunit',
      limit: 0.8,
      queries: [
        { expr: 'edge_upstream_calls_in_flight / edge_upstream_calls_limit', legend: '{{instance}} → {{upstream}}' },
        { expr: 'coach_upstream_calls_in_flight / coach_upstream_connections_limit', legend: '{{instance}} → legacy' },
        {
          expr: 'legacy_db_connections{state="used"} / ignoring (state) legacy_db_connections_limit',
          legend: '{{instance}} → database',
        },
      ],
    }),
    lines({
      title: 'Connections, and what is under way',
      description:
        'Connections of each edge to its upstreams, requests of people that it passes on, and requests that wait for the database.',
      unit: 'short',
      queries: [
        { expr: 'edge_upstream_connections', legend: '{{instance}} → {{upstream}}' },
        { expr: 'edge_requests_in_flight', legend: '{{instance}}, requests' },
        { expr: 'legacy_db_connections{state="waiting"}', legend: '{{instance}} waits for the database' },
      ],
    }),
    lines({
      title: 'Database',
      description: 'Queries of the monolith a second by outcome, and p95 of their time in seconds.',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (outcome) (rate(legacy_db_query_duration_seconds_count[$__rate_interval]))',
          legend: '{{outcome}} a second',
        },
        {
          expr: 'histogram_quantile(0.95, sum by (le) (rate(legacy_db_query_duration_seconds_bucket[$__rate_interval])))',
          legend: 'p95 (s)',
        },
      ],
    }),
  ];
}

/** The processes behind all that. */
export function processPanels() {
  return [
    lines({
      title: 'Event loop, p99',
      description:
        'How late a process gets to what is due; 10 ms are what the measure has at rest. The line is the alert’s.',
      unit: 's',
      limit: 0.1,
      queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds', legend: '{{instance}}' }],
    }),
    lines({
      title: 'Age of the coach’s catalogue',
      description:
        'Since the monolith confirmed it. It is fetched when somebody asks for a workout; a day stands for never, too.',
      unit: 's',
      limit: 300,
      queries: [{ expr: 'clamp_max(coach_catalogue_age_seconds, 86400)', legend: '{{instance}}' }],
    }),
    lines({
      title: 'Certificate, and lines dropped',
      description:
        'Days until the certificate of the front door ends, as each edge sees it; lines of the request log dropped a minute.',
      unit: 'short',
      queries: [
        {
          expr: '(edge_front_certificate_expiry_timestamp_seconds - time()) / 86400',
          legend: 'days left, by {{instance}}',
        },
        { expr: '60 * rate(fit_log_dropped_total[$__rate_interval])', legend: 'dropped by {{instance}}' },
      ],
    }),
  ];
}
