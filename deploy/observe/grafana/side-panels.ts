import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { lines } from './panels.ts';

const coloured = (fixedColor: string): DynamicConfigValue[] => [{ id: 'color', value: { mode: 'fixed', fixedColor } }];
const dashed = (dash: number[]): DynamicConfigValue[] => [{ id: 'custom.lineStyle', value: { fill: 'dash', dash } }];

/** Two colours that everybody can tell apart; the same side has the same one in every panel. */
const SIDES = { '/^old/': coloured('#3274d9'), '/^new/': coloured('#ff9830') };
const QUANTILES = { '/p50$/': dashed([2, 4]), '/p99$/': dashed([10, 6]) };

const ANSWERED = 'route="$route",side=~"old|new"';

const quantile = (q: number) => ({
  expr: `histogram_quantile(${q / 100}, sum by (side, le) (rate(edge_request_duration_seconds_bucket{${ANSWERED}}[$__rate_interval])))`,
  legend: `{{side}} p${q}`,
});

/** Both sides in each panel, on one axis. A request that was saved belongs to the side it was meant for. */
export function sidePanels() {
  return [
    lines({
      title: 'Requests',
      description: 'By the side that the person is assigned to.',
      unit: 'reqps',
      looks: SIDES,
      queries: [
        {
          expr: `sum by (side) (rate(edge_request_duration_seconds_count{${ANSWERED}}[$__rate_interval]))`,
          legend: '{{side}}',
        },
      ],
    }),
    lines({
      title: 'Failed',
      description:
        'Share of a side’s answers that were a 5xx or broke off; 4xx do not count. The line is the objective: less than 1 %.',
      unit: 'percentunit',
      limit: 0.01,
      looks: SIDES,
      queries: [
        {
          expr: `(sum by (side) (rate(edge_request_duration_seconds_count{${ANSWERED},status=~"5..|cut"}[$__rate_interval])) or 0 * sum by (side) (rate(edge_request_duration_seconds_count{${ANSWERED}}[$__rate_interval]))) / sum by (side) (rate(edge_request_duration_seconds_count{${ANSWERED},status!~"4.."}[$__rate_interval]))`,
          legend: '{{side}}',
        },
      ],
    }),
    lines({
      title: 'Time to the end of the answer',
      description:
        'Half, 95 % and 99 % took less; a fallback’s time is in it. The line is the objective: p95 under 5 s.',
      unit: 's',
      limit: 5,
      looks: { ...SIDES, ...QUANTILES },
      queries: [quantile(50), quantile(95), quantile(99)],
    }),
  ];
}
