import { Gauge } from 'prom-client';
import type { LabelValues, Registry } from 'prom-client';

export type ScrapedGauge<Label extends string> = { name: string; help: string; labels?: readonly Label[] };

/** Sets one series of a gauge; the labels come second, so that a gauge without any needs none. */
export type SetSeries<Label extends string> = (value: number, labels?: LabelValues<Label>) => void;

/**
 * Publishes what is known elsewhere: `read` sets every series at each scrape, and what it does not set is not shown. Between
 * scrapes it costs nothing.
 */
export function publishGauge<Label extends string = never>(
  registry: Registry,
  { name, help, labels = [] }: ScrapedGauge<Label>,
  read: (set: SetSeries<Label>) => void,
): void {
  new Gauge<Label>({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      // Without labels prom-client begins at 0, which would be said of what is not known.
      if (labels.length === 0) this.remove();
      read((value, series = {}) => this.set(series, value));
    },
  });
}

/** One of a closed list is 1 and the others 0: as PromQL can count and compare states. */
export function setOneOf<Label extends string, State extends string>(
  set: SetSeries<Label>,
  {
    states,
    current,
    labelsOf,
  }: { states: readonly State[]; current: State; labelsOf: (state: State) => LabelValues<Label> },
): void {
  for (const state of states) set(state === current ? 1 : 0, labelsOf(state));
}
