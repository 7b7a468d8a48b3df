import {
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  GraphThresholdsStyleConfigBuilder,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The Prometheus that is chosen at the top of a dashboard. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Of 24 columns. */
const WIDTHS = { third: 8, half: 12, full: 24 } as const;
const HEIGHT = 8;

export type Query = {
  expr: string;
  /** `{{label}}` stands for the label's value. */
  legend: string;
};

type Described = {
  title: string;
  /** What it shows, and what to make of it. */
  description: string;
  queries: readonly Query[];
  width?: keyof typeof WIDTHS;
};

export type LinesOptions = Described & {
  /** Grafana's id of a unit: `reqps`, `s`, `percentunit`, `short`. */
  unit: string;
  max?: number;
  /** A line across the panel, in its unit. */
  limit?: number;
  /** For what changes at once and then stays. */
  isStepped?: boolean;
  /** Looks of series by a regular expression for their legend. */
  looks?: Readonly<Record<string, readonly DynamicConfigValue[]>>;
};

/** Series over time on one axis that begins at 0. */
export function lines(options: LinesOptions): Builder<Panel> {
  const { title, description, queries, unit, max, limit, isStepped = false, looks = {}, width = 'third' } = options;
  const panel = new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .targets(queries.map(targetOf))
    .unit(unit)
    .min(0)
    .span(WIDTHS[width])
    .height(HEIGHT)
    .lineInterpolation(isStepped ? LineInterpolation.StepAfter : LineInterpolation.Linear)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (max !== undefined) panel.max(max);
  if (limit !== undefined) drawLimit(panel, limit);
  for (const [regexp, properties] of Object.entries(looks)) panel.overrideByRegexp(regexp, [...properties]);
  return panel;
}

function drawLimit(panel: TimeSeriesBuilder, limit: number): void {
  const steps = [
    { value: null, color: 'transparent' },
    { value: limit, color: 'red' },
  ];
  panel
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

export type StatesOptions = Described & {
  /** What a value means, and its colour. */
  states: Readonly<Record<number, { text: string; color: string }>>;
};

/** One bar a series, coloured by what its value means. */
export function states({ title, description, queries, states: named, width = 'half' }: StatesOptions): Builder<Panel> {
  return new StateTimelineBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .targets(queries.map(targetOf))
    .mappings([{ type: MappingType.ValueToText, options: { ...named } }])
    .span(WIDTHS[width])
    .height(HEIGHT)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .legend(legend());
}

function targetOf({ expr, legend: text }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(text)
    .range()
    .refId(String.fromCodePoint('A'.codePointAt(0)! + index));
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}
