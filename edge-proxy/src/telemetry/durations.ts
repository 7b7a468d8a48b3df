import type { Histogram, LabelValues, Registry } from 'prom-client';

/** One series of a histogram; observing costs an addition, not a search for its labels. */
export class DurationSeries {
  readonly #bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    let at = 0;
    while (at < this.#bounds.length && seconds > this.#bounds[at]!) at++;
    this.counts[at]!++;
    this.sum += seconds;
  }
}

export type DurationsOptions = {
  name: string;
  help: string;
  /** Upper bounds in seconds, ascending. */
  buckets: readonly number[];
  registry: Registry;
};

/** A histogram whose series are counted in plain numbers; prom-client's registry reads it when somebody scrapes. */
export class Durations<Label extends string> {
  readonly name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: { labels: LabelValues<Label>; series: DurationSeries }[] = [];

  constructor({ name, help, buckets, registry }: DurationsOptions) {
    this.name = name;
    this.#help = help;
    this.#bounds = buckets;
    // All that a registry asks of a metric is its name and `get`.
    registry.registerMetric(this as unknown as Histogram<Label>);
  }

  /** A new series; to be asked for once for each set of labels. */
  series(labels: LabelValues<Label>): DurationSeries {
    const series = new DurationSeries(this.#bounds);
    this.#series.push({ labels, series });
    return series;
  }

  /** In the form that the registry prints. */
  get() {
    const values = this.#series.flatMap(({ labels, series }) => this.#valuesOf(labels, series));
    return Promise.resolve({ name: this.name, help: this.#help, type: 'histogram', aggregator: 'sum', values });
  }

  #valuesOf(labels: LabelValues<Label>, { counts, sum }: DurationSeries) {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, at) => {
      count += counts[at]!;
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
