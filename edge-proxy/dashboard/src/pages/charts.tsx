import type { RouteView, SideTraffic, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { useMemo } from 'preact/hooks';
import { Chart } from '../chart/chart.tsx';
import { percentOf, requestsPerSecond, roundUp, timesOf, valuesOf, weightMarks } from '../chart/columns.ts';
import type { Values } from '../chart/columns.ts';
import type { Axis, ChartData, Line } from '../chart/plot.ts';
import { duration, percent, rate } from '../words/format.ts';

/** Shares below it are drawn on the same axis, so that one error of many does not look like all. */
const SMALLEST_PERCENT_AXIS = 4;

type Props = { route: RouteView; samples: readonly Traffic[] };
type Charts = Record<'requests' | 'errors' | 'p50' | 'p95' | 'p99', ChartData>;

/** Old and new side on the same axes; the three of response times share one more, so that they compare among themselves. */
export function Charts({ route, samples }: Props) {
  const { old, new: coming } = route.sides;
  const charts = useMemo(() => chartsOf(samples, { old, new: coming }), [samples, old, coming]);
  return (
    <section class="card" aria-labelledby="charts-title">
      <h2 id="charts-title">Last ten minutes</h2>
      <p class="hint">Upright lines: changes of the weight. Times are UTC. Response times have a logarithmic axis.</p>
      <div class="charts">
        <Chart title="Requests a second" data={charts.requests} format={rate} />
        <Chart title="Errors, % of requests" data={charts.errors} format={percent} />
      </div>
      <div class="charts is-three">
        {(['p50', 'p95', 'p99'] as const).map((name) => (
          <Chart key={name} title={`Response time ${name}`} data={charts[name]} format={duration} />
        ))}
      </div>
    </section>
  );
}

function chartsOf(samples: readonly Traffic[], sides: RouteView['sides']): Charts {
  const { times, holes } = timesOf(samples);
  const marks = weightMarks(samples);
  const valuesBy = (valueOf: (sample: Traffic) => number | null) => valuesOf(samples, holes, valueOf);
  const bothSides = (valueOf: (side: SideTraffic, sample: Traffic) => number | null): Line[] => [
    { name: sides.old, side: 'old', values: valuesBy((sample) => valueOf(sample.sides.old, sample)) },
    { name: sides.new, side: 'new', values: valuesBy((sample) => valueOf(sample.sides.new, sample)) },
  ];
  const chart = (lines: Line[], axis: Axis): ChartData => ({ times, marks, lines, axis });
  const requests = bothSides(requestsPerSecond);
  const saved = valuesBy(({ sides: { new: side } }) => percentOf(side.saved, side));
  const errors = [
    ...bothSides((side) => percentOf(side.failed, side)),
    { name: `${sides.new}, saved by fallback`, side: 'new', isFaint: true, values: saved } as const,
  ];
  const p50 = bothSides((side) => side.p50_ms);
  const p95 = bothSides((side) => side.p95_ms);
  const p99 = bothSides((side) => side.p99_ms);
  const durations = durationAxis([...p50, ...p95, ...p99]);
  return {
    requests: chart(requests, { from: 0, to: roundUp(largestOf(requests, 4)), isLogarithmic: false, format: rate }),
    errors: chart(errors, percentAxis(errors)),
    p50: chart(p50, durations),
    p95: chart(p95, durations),
    p99: chart(p99, durations),
  };
}

function percentAxis(lines: readonly Line[]): Axis {
  const to = Math.min(100, roundUp(largestOf(lines, SMALLEST_PERCENT_AXIS)));
  return { from: 0, to, isLogarithmic: false, format: percent };
}

/** From the power of ten below the shortest time, at least 0.1 ms, to the one above the longest. */
function durationAxis(lines: readonly Line[]): Axis {
  const shortest = smallestOf(lines, 100);
  const from = 10 ** Math.floor(Math.log10(Math.max(0.1, shortest)));
  const to = Math.max(from * 10, 10 ** Math.ceil(Math.log10(largestOf(lines, 10))));
  return { from, to, isLogarithmic: true, format: shortDuration };
}

function shortDuration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function largestOf(lines: readonly Line[], least: number): number {
  return lines.reduce((largest, { values }) => Math.max(largest, ...numbersIn(values)), least);
}

function smallestOf(lines: readonly Line[], most: number): number {
  return lines.reduce((smallest, { values }) => Math.min(smallest, ...numbersIn(values)), most);
}

function numbersIn(values: Values): number[] {
  return values.filter((value) => value !== null);
}
