import type { Compared } from './comparison.ts';

const ROW = { height: 34, bar: 20 };
const LABELS = 130;
const BARS = 500;
const VALUES = 110;
const TOP = 48;
const BOTTOM = 40;

/** CPU per request of each proxy as bars, shortest first, with a line from the least to the most of the rounds. */
export function cpuChart(compared: readonly Compared[], caption: string): string {
  const sorted = [...compared].sort((a, b) => a.cpuMicros.median - b.cpuMicros.median);
  const most = Math.max(...sorted.map(({ cpuMicros }) => cpuMicros.max));
  const x = (micros: number) => (LABELS + (micros / most) * BARS).toFixed(1);
  const [width, height] = [LABELS + BARS + VALUES, TOP + sorted.length * ROW.height + BOTTOM];
  const rows = sorted.map(({ name, cpuMicros: { median, min, max } }, index) => {
    const top = TOP + index * ROW.height;
    const middle = top + ROW.bar / 2;
    return `  <g${name === 'edge' ? ' class="ours"' : ''}>
    <text x="${LABELS - 10}" y="${middle + 5}" text-anchor="end">${escape(name)}</text>
    <rect x="${LABELS}" y="${top}" width="${((median / most) * BARS).toFixed(1)}" height="${ROW.bar}" rx="2"/>
    <path d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${middle - 4}v8M${x(max)} ${middle - 4}v8"/>
    <text x="${Number(x(max)) + 8}" y="${middle + 5}">${median.toFixed(1)} µs</text>
  </g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
  <title>CPU time per request of ${sorted.length} proxies</title>
  <style>
    text { font: 14px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; }
    .caption { font-size: 11px; fill: #57606a; }
    rect { fill: #8c959f; }
    .ours rect { fill: #0969da; }
    .ours text { font-weight: 600; }
    path { fill: none; stroke: #24292f; stroke-width: 1.2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .caption { fill: #8d96a0; }
      rect { fill: #6e7681; }
      .ours rect { fill: #2f81f7; }
      path { stroke: #e6edf3; }
    }
  </style>
  <text class="title" x="10" y="24">CPU µs per request at saturation, 64 connections, answers of 2 KB</text>
${rows.join('\n')}
  <text class="caption" x="10" y="${height - 12}">${escape(caption)}</text>
</svg>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
