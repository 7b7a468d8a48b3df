/** What a process publishes, as its text says it. */
export type Scrape = {
  text: string;
  types: ReadonlyMap<string, string>;
  /** `name{label="value",…}` of every series. */
  series: ReadonlySet<string>;
  /** Names of the labels of a metric that has series, without those that every series has. */
  labelsOf: (metric: string) => string[] | undefined;
};

/** Of every series, and of every histogram. */
const OF_ALL = new Set(['service', 'le']);

export async function scrape(url: string): Promise<Scrape> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n');
  const types = new Map(
    lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.slice(7).split(' ') as [string, string]),
  );
  const series = new Set(
    lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' '))),
  );
  const labelsOf = (metric: string) => {
    const suffix = types.get(metric) === 'histogram' ? '_count' : '';
    const own = [...series].filter((each) => each.startsWith(`${metric}${suffix}{`));
    if (own.length === 0) return undefined;
    const names = own.flatMap((each) => [...each.matchAll(/([a-z_]+)="/g)].map(([, name]) => name!));
    return [...new Set(names)].filter((name) => !OF_ALL.has(name)).toSorted();
  };
  return { text, types, series, labelsOf };
}

/** A row of the table in `docs/metrics.md`. */
export type DocumentedMetric = { name: string; services: string; type: string; labels: string[]; says: string };

export function documentedMetrics(markdown: string): DocumentedMetric[] {
  return markdown.split('\n').flatMap((line) => {
    const [, first = '', services = '', type = '', , labels = '', says = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const name = /^`([a-z_0-9]+)`$/.exec(first)?.[1];
    if (name === undefined) return [];
    return [
      {
        name,
        services,
        type,
        labels: [...labels.matchAll(/`([a-z_]+)`/g)].map(([, label]) => label!).toSorted(),
        says,
      },
    ];
  });
}
