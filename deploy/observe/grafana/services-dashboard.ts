import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { addRows, dashboardOf } from './dashboard.ts';
import { lines } from './panels.ts';

const quantile = (q: number) => ({
  expr: `service:http_request_duration_seconds:p${q}_rate5m`,
  legend: `{{service}} p${q}`,
});

/** Rate, errors and duration of every service, and how its process is. */
export function servicesDashboard(): Dashboard {
  const dashboard = dashboardOf({
    uid: 'fit-services',
    title: 'Services',
    description: 'Rate, errors and duration of every service by its own count, over five minutes, and its process.',
  });
  return addRows(dashboard, [
    { title: 'Rate, errors, duration', panels: requestPanels() },
    { title: 'Processes', panels: processPanels() },
  ]).build();
}

function requestPanels() {
  return [
    lines({
      title: 'Requests',
      description:
        'Of each service; those of the edge are of its admin port, and people’s are on the dashboard Migration.',
      unit: 'reqps',
      queries: [{ expr: 'service:http_requests:rate5m', legend: '{{service}}' }],
    }),
    lines({
      title: 'Failed',
      description: 'Share of the answers that were 5xx.',
      unit: 'percentunit',
      queries: [{ expr: 'service:http_requests_failed:ratio_rate5m', legend: '{{service}}' }],
    }),
    lines({
      title: 'Duration',
      description: 'Time from the request line to the end of the answer: half, 95 % and 99 % took less.',
      unit: 's',
      queries: [quantile(50), quantile(95), quantile(99)],
    }),
  ];
}

function processPanels() {
  return [
    lines({
      title: 'Processor',
      description: 'Seconds of processor time a second; 1 is one core.',
      unit: 'short',
      queries: [{ expr: 'rate(process_cpu_seconds_total[$__rate_interval])', legend: '{{instance}}' }],
    }),
    lines({
      title: 'Memory',
      description: 'Resident memory.',
      unit: 'bytes',
      queries: [{ expr: 'process_resident_memory_bytes', legend: '{{instance}}' }],
    }),
    lines({
      title: 'Versions',
      description: 'Processes by version and revision: while a release goes out there are two.',
      unit: 'short',
      isStepped: true,
      queries: [
        {
          expr: 'count by (service, version, revision) (fit_build_info)',
          legend: '{{service}} {{version}} {{revision}}',
        },
      ],
    }),
  ];
}
