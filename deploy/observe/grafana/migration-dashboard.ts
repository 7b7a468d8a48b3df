import { VariableRefresh, QueryVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { addRows, dashboardOf } from './dashboard.ts';
import { movePanels } from './move-panels.ts';
import { parityPanels, rescuePanels, rollbackPanels } from './outcome-panels.ts';
import { DATASOURCE } from './panels.ts';
import { sidePanels } from './side-panels.ts';
import { poolPanels, processPanels, upstreamPanels } from './upstream-panels.ts';

const routes = () =>
  new QueryVariableBuilder('route')
    .label('Route')
    .description('A route of the route file.')
    .datasource(DATASOURCE)
    .query('label_values(edge_route_weight_ratio, route)')
    .refresh(VariableRefresh.OnTimeRangeChanged);

/** One route's way from the old side to the new one, and what carries it. */
export function migrationDashboard(): Dashboard {
  const dashboard = dashboardOf({
    uid: 'fit-migration',
    title: 'Migration',
    description:
      'Old and new side of a route beside each other, who goes where, and what the edges did about failures.',
  }).withVariable(routes());
  return addRows(dashboard, [
    { title: 'Who goes where', panels: movePanels() },
    { title: 'Old and new, as people met them', panels: sidePanels() },
    { title: 'What was saved, and what was not', panels: rescuePanels() },
    { title: 'Do both sides say the same?', panels: parityPanels() },
    { title: 'The way back, and who is told', panels: rollbackPanels() },
    { title: 'From each edge to each upstream', panels: [...upstreamPanels(), ...poolPanels()] },
    { title: 'Edges, coach, monolith', panels: processPanels() },
  ]).build();
}
