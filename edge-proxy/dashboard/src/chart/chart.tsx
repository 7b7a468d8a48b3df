import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Values } from './columns.ts';
import { createPlot } from './plot.ts';
import type { ChartData } from './plot.ts';

type Props = { title: string; data: ChartData; format: (value: number) => string };

/** Both sides on the same axes. The legend has the values under the pointer, else the latest ones. */
export function Chart({ title, data, format }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const current = useRef(data);
  const [pointedAt, setPointedAt] = useState<number>();
  const scheme = useColourScheme();
  current.current = data;
  useEffect(() => {
    if (!box.current) return;
    const made = createPlot(box.current, () => current.current, setPointedAt);
    plot.current = made;
    const resizing = new ResizeObserver(([entry]) => {
      if (entry) made.setSize({ width: Math.floor(entry.contentRect.width), height: made.height });
    });
    resizing.observe(box.current);
    return () => {
      resizing.disconnect();
      made.destroy();
    };
  }, [scheme]);
  useEffect(() => {
    plot.current?.setData([data.times, ...data.lines.map(({ values }) => values)] as uPlot.AlignedData);
  }, [data, scheme]);
  const shown = (values: Values) => values[pointedAt ?? values.length - 1] ?? null;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="legend">
          {data.lines.map((line) => (
            <span key={line.name} class={`legend-entry is-${line.side} ${line.isFaint ? 'is-faint' : ''}`}>
              <span class="legend-line" aria-hidden="true" />
              {line.name} <strong>{inWords(shown(line.values), format)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div
        class="plot"
        ref={box}
        role="img"
        aria-label={`${title}, chart of the last ten minutes. The table below has the latest numbers.`}
      />
    </figure>
  );
}

function inWords(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

/** Changes when the colours do. */
function useColourScheme(): boolean {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const listener = () => setDark(query.matches);
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  }, [query]);
  return isDark;
}
