import { lines, states } from './panels.ts';

const YES = { 1: { text: 'now', color: 'blue' } };
const VERDICTS = {
  0: { text: 'not applicable', color: 'text' },
  1: { text: 'pass', color: 'green' },
  2: { text: 'not enough data', color: 'yellow' },
  3: { text: 'fail', color: 'red' },
};

/** A number for each verdict, so that one bar shows them in turn. */
const VERDICT_OF_GATE = `max by (gate) (
  edge_gate_verdict{route="$route",verdict="pass"} == 1
  or 2 * (edge_gate_verdict{route="$route",verdict="not-enough-data"} == 1)
  or 3 * (edge_gate_verdict{route="$route",verdict="fail"} == 1)
  or 0 * (edge_gate_verdict{route="$route",verdict="not-applicable"} == 1)
)`;

/** The weight that was set, what came of it, and what decides over it. */
export function movePanels() {
  return [
    lines({
      title: 'Share of the new side',
      description:
        'The weight that each edge serves, and the observed share of people. Requests alone differ from both: people are hashed once and ask differently often.',
      unit: 'percentunit',
      max: 1,
      width: 'half',
      isStepped: true,
      queries: [
        { expr: 'edge_route_weight_ratio{route="$route"}', legend: 'set, on {{instance}}' },
        { expr: 'max(edge_route_share_ratio{route="$route"})', legend: 'people' },
        {
          expr: 'sum(rate(edge_assignments_total{route="$route",side="new"}[$__rate_interval])) / sum(rate(edge_assignments_total{route="$route"}[$__rate_interval]))',
          legend: 'requests',
        },
      ],
    }),
    lines({
      title: 'Revision served, and share off',
      description:
        'Each edge acknowledges a revision by serving it: lines that stay apart are an edge that is cut off. “Share off” is 1 while people are not split as the weight says.',
      unit: 'short',
      width: 'half',
      isStepped: true,
      queries: [
        { expr: 'edge_route_revision{route="$route"}', legend: 'revision, on {{instance}}' },
        { expr: 'max(edge_route_share_off{route="$route"})', legend: 'share off' },
      ],
    }),
    states({
      title: 'Phase',
      description: 'Legacy, shadow (mirrored), canary, full, retired.',
      width: 'third',
      states: YES,
      queries: [{ expr: 'max by (phase) (edge_route_phase{route="$route"}) == 1', legend: '{{phase}}' }],
    }),
    states({
      title: 'Ramp',
      description: 'Its state. “rolled-back” and “frozen” wait for somebody.',
      width: 'third',
      states: YES,
      queries: [{ expr: 'max by (state) (edge_ramp_state{route="$route"}) == 1', legend: '{{state}}' }],
    }),
    states({
      title: 'Verdicts',
      description: 'Each gate, as it was judged last. No data is never a pass.',
      width: 'third',
      states: VERDICTS,
      queries: [{ expr: VERDICT_OF_GATE, legend: '{{gate}}' }],
    }),
  ];
}
