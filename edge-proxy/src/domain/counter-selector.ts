/** Which series of a Prometheus metric are meant: those that have all these labels, and whatever others. */
export type CounterSelector = { readonly name: string; readonly labels: Labels };
export type Labels = ReadonlyMap<string, string>;

const NAME = /^[a-zA-Z_:][\w:]*/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\\n]|\\[\\"n])*)"\s*(,|(?=\}))/y;
const END = /\s*\}/y;
const ESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** @throws RangeError quoting the text */
export function parseSelector(text: string): CounterSelector {
  const name = NAME.exec(text)?.[0];
  const rest = text.slice(name?.length);
  const parsed = rest === '' ? { labels: new Map<string, string>(), end: 0 } : parseLabels(rest, 0);
  if (name === undefined || parsed?.end !== rest.length) {
    throw new RangeError(
      `A counter must be named such as requests_total{code="500"}, received ${JSON.stringify(text)}`,
    );
  }
  return { name, labels: parsed.labels };
}

/**
 * Labels in braces, as the exposition format (0.0.4) writes them.
 *
 * @param at where the opening brace is
 * @returns undefined if there are none, or one of them is there twice; `end` is after the closing brace
 */
export function parseLabels(text: string, at: number): { labels: Labels; end: number } | undefined {
  if (text[at] !== '{') return undefined;
  const labels = new Map<string, string>();
  for (let from = at + 1; ;) {
    LABEL.lastIndex = from;
    const label = LABEL.exec(text);
    if (!label) return closed(text, { from, labels });
    const [whole, name = '', value = ''] = label;
    if (labels.has(name)) return undefined;
    labels.set(
      name,
      value.replace(/\\[\\"n]/g, (escaped) => ESCAPED[escaped]!),
    );
    from += whole.length;
  }
}

/** A label that is not there is as good as an empty one. */
export function isSelected({ labels }: CounterSelector, series: Labels): boolean {
  return [...labels].every(([name, value]) => (series.get(name) ?? '') === value);
}

function closed(text: string, { from, labels }: { from: number; labels: Labels }) {
  END.lastIndex = from;
  return END.test(text) ? { labels, end: END.lastIndex } : undefined;
}
