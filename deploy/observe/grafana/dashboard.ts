import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

export type Row = { title: string; panels: readonly Builder<Panel>[] };

export type DashboardOptions = {
  /** Of its address; also the name of its file. */
  uid: string;
  title: string;
  description: string;
};

/** A dashboard of the last hour that reads whichever Prometheus is chosen at its top. */
export function dashboardOf({ uid, title, description }: DashboardOptions): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['strangler-edge'])
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .refresh('30s')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
}

export function addRows(dashboard: DashboardBuilder, rows: readonly Row[]): DashboardBuilder {
  for (const { title, panels } of rows) {
    dashboard.withRow(new RowBuilder(title));
    for (const panel of panels) dashboard.withPanel(panel);
  }
  return dashboard;
}
