import type { Detection, FalseRollbacks } from './tables.ts';

const WIDTH = 760;
const [LABELS, BARS] = [150, 480];
const [ROW, TITLE, GROUP_GAP] = [16, 52, 12];
const LONGEST_S = 21_600;

/** One bar of a group. `mark`: where a line from its end goes to, such as a bound; both 0–1 of the scale. */
type Bar = { readonly kind: string; readonly length: number; readonly mark?: number; readonly text: string };
type Group = { readonly name: string; readonly bars: readonly Bar[] };

/** Two charts as one SVG: ramps of equal sides that were rolled back, and how soon a worse coach is. */
export function simulationChart(rollbacks: readonly FalseRollbacks[], found: readonly Detection[]): string {
  const upper = panel(0, 'Equal sides: share of ramps rolled back falsely', rollbacks.map(rollbackGroup));
  const lower = panel(
    upper.height + 24,
    'A coach with 5 points more failures: seconds until it is rolled back',
    found.map(detectionGroup),
  );
  const height = lower.height + 64;
  const legendAt = height - 36;
  const legend = [
    legendEntry({ kind: 'ours', at: 10, text: 'people, once a period (line: 95 % bound; p95 below)' }, legendAt),
    legendEntry({ kind: 'requests', at: 390, text: 'requests as if independent' }, legendAt),
    legendEntry({ kind: 'minutes', at: 580, text: 'user-minutes' }, legendAt),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
  <title>Simulated ramps: false rollbacks, and time to a true one</title>
  <style>
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 14px; font-weight: 600; }
    .ours { fill: #0969da; } .requests { fill: #cf222e; } .minutes { fill: #bf8700; }
    path { fill: none; stroke: #24292f; stroke-width: 1.2; }
    .promise { stroke: #57606a; stroke-dasharray: 4 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .ours { fill: #2f81f7; } .requests { fill: #f85149; } .minutes { fill: #d29922; }
      path { stroke: #e6edf3; }
    }
  </style>
${upper.svg}
  <path class="promise" d="M${x(rooted(0.01))} 40V${upper.height}"/>
  <text x="${Number(x(rooted(0.01))) + 4}" y="${upper.height + 10}">1 %, the promise; scale: square root</text>
${lower.svg}
${legend.join('\n')}
  <text x="10" y="${height - 12}">${caption(rollbacks)}</text>
</svg>
`;
}

function rollbackGroup({ experiment, runs, rolledBack, atMost, rivals }: FalseRollbacks): Group {
  const [requests = 0, minutes = 0] = rivals.map((failed) => failed / runs);
  const ours = rolledBack / runs;
  const text = `${percent(ours)}, so at most ${percent(atMost)}`;
  return {
    name: experiment.name,
    bars: [
      { kind: 'ours', length: rooted(ours), mark: rooted(atMost), text },
      { kind: 'requests', length: rooted(requests), text: percent(requests) },
      { kind: 'minutes', length: rooted(minutes), text: percent(minutes) },
    ],
  };
}

function detectionGroup({ experiment, seconds: { median, p95 } }: Detection): Group {
  const [, rate, , weight] = experiment.name.split('-');
  const text = `${written(median)}, p95 ${written(p95)}`;
  const bar = { kind: 'ours', length: logarithmic(median), mark: logarithmic(p95), text };
  return { name: `${weight} %, ${rate} requests/s`, bars: [bar] };
}

function panel(top: number, title: string, groups: readonly Group[]): { svg: string; height: number } {
  let y = top + TITLE;
  const parts = [`  <text class="title" x="10" y="${top + 24}">${title}</text>`];
  for (const { name, bars } of groups) {
    const middle = y + (bars.length * ROW) / 2;
    parts.push(`  <text x="${LABELS - 10}" y="${middle + 2}" text-anchor="end">${name}</text>`);
    for (const bar of bars) {
      parts.push(drawn(bar, y));
      y += ROW;
    }
    y += GROUP_GAP;
  }
  return { svg: parts.join('\n'), height: y };
}

function drawn({ kind, length, mark = length, text }: Bar, y: number): string {
  const middle = y + 5;
  const line = mark > length ? `<path d="M${x(length)} ${middle}H${x(mark)}M${x(mark)} ${middle - 3}v6"/>` : '';
  const width = Math.max(1, length * BARS).toFixed(1);
  const end = Number(x(Math.max(length, mark))) + 6;
  return `  <rect class="${kind}" x="${LABELS}" y="${y}" width="${width}" height="10" rx="2"/>${line}<text x="${end}" y="${y + 9}">${text}</text>`;
}

function legendEntry({ kind, at, text }: { kind: string; at: number; text: string }, y: number): string {
  return `  <rect class="${kind}" x="${at}" y="${y - 9}" width="10" height="10" rx="2"/><text x="${at + 16}" y="${y}">${text}</text>`;
}

function caption(rollbacks: readonly FalseRollbacks[]): string {
  const runs = rollbacks[0]?.runs ?? 0;
  return `${runs} simulated days of each, looked at every second, over three edges; lower scale: logarithmic, to 6 h`;
}

function x(share: number): string {
  return (LABELS + share * BARS).toFixed(1);
}

function rooted(share: number): number {
  return Math.sqrt(share);
}

function logarithmic(seconds: number): number {
  return Math.log(Math.min(LONGEST_S, Math.max(1, seconds))) / Math.log(LONGEST_S);
}

function written(seconds: number): string {
  return Number.isFinite(seconds) ? `${seconds.toLocaleString('en-US')} s` : 'over 6 h';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
