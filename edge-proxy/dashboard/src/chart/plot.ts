import Plot from 'uplot';
import type uPlot from 'uplot';
import type { Side } from '../parts/side-name.tsx';
import { HISTORY_SECONDS } from './columns.ts';
import type { Values, WeightMark } from './columns.ts';

/** One line of a chart. Its side gives the colour; the old side's lines are dashed. */
export type Line = { name: string; side: Side; isFaint?: boolean; values: Values };

/** Of the vertical axis. A logarithmic one starts above 0. */
export type Axis = { from: number; to: number; isLogarithmic: boolean; format: (value: number) => string };

export type ChartData = { times: readonly number[]; lines: readonly Line[]; marks: readonly WeightMark[]; axis: Axis };

const HEIGHT = 180;
/** Charts of one page have one pointer. */
const SYNC_KEY = 'route';
const LABEL_GAP = 6;
/** Of the time axis. */
const SHORTEST_SECONDS = 60;
const withSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/**
 * A plot in an element, whose lines stay the same from then on.
 *
 * @param data what is to be drawn now
 * @param onPointed the index that the pointer is at, undefined when it has left
 */
export function createPlot(
  element: HTMLElement,
  data: () => ChartData,
  onPointed: (index: number | undefined) => void,
): uPlot {
  const look = lookOf(element);
  const { axis, lines } = data();
  const options: uPlot.Options = {
    width: Math.max(element.clientWidth, 100),
    height: HEIGHT,
    legend: { show: false },
    // At the right there is room for half the label of a time.
    padding: [22, 26, 0, 0],
    // Round times of UTC are to be marked: they are not round everywhere.
    tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1000), 'UTC'),
    scales: {
      x: { time: true, range: () => xRange(data()) },
      y: {
        ...(axis.isLogarithmic && { distr: 3, log: 10 }),
        range: () => [data().axis.from, data().axis.to],
      },
    },
    axes: axesOf(look, data),
    series: [{}, ...lines.map((line) => seriesOf(line, look))],
    cursor: { sync: { key: SYNC_KEY }, drag: { x: false, y: false }, y: false },
    hooks: {
      draw: [(plot) => drawMarks(plot, data(), look)],
      setCursor: [({ cursor }) => onPointed(cursor.idx ?? undefined)],
    },
  };
  return new Plot(options, [[]] as unknown as uPlot.AlignedData, element);
}

/** What the style sheet says of an element. */
type Look = { colour: (name: string) => string; font: string };

function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  return { colour: (name) => style.getPropertyValue(name).trim(), font: `12px ${style.fontFamily}` };
}

function axesOf({ colour, font }: Look, data: () => ChartData): uPlot.Axis[] {
  const grid = { stroke: colour('--grid'), width: 1 };
  return [
    {
      stroke: colour('--muted'),
      font,
      grid: { show: false },
      ticks: grid,
      size: 28,
      incrs: [15, 30, 60, 120, 300, 600],
      space: 60,
      values: (_plot, seconds) => seconds.map((each) => clockFor(seconds).format(each * 1000)),
    },
    {
      stroke: colour('--muted'),
      font,
      grid,
      ticks: { show: false },
      size: 58,
      splits: () => splitsOf(data()),
      filter: (_plot, splits) => splits,
      values: (_plot, values) => values.map((value) => data().axis.format(value)),
    },
  ];
}

/** Seconds are told where the times are less than a minute apart. */
function clockFor([first = 0, second = first + 60]: readonly number[]): Intl.DateTimeFormat {
  return second - first < 60 ? withSeconds : timeOfDay;
}

function seriesOf({ side, isFaint }: Line, { colour }: Look): uPlot.Series {
  return {
    stroke: colour(`--${side}`),
    width: isFaint ? 1 : 2.5,
    ...(side === 'old' && { dash: [7, 4] }),
    ...(isFaint && { dash: [2, 3] }),
    points: { show: false },
  };
}

/** Ten minutes, or as long as the edge has run. */
function xRange({ times }: ChartData): [number, number] {
  const end = times.at(-1) ?? Date.now() / 1000;
  const begin = Math.min(times[0] ?? end, end - SHORTEST_SECONDS);
  return [Math.max(begin, end - HISTORY_SECONDS), end];
}

/** A handful of lines, at round values. */
function splitsOf({ axis: { from, to, isLogarithmic } }: ChartData): number[] {
  if (!isLogarithmic) {
    const parts = String(to).startsWith('5') ? 5 : 4;
    return Array.from({ length: parts + 1 }, (_, part) => from + ((to - from) * part) / parts);
  }
  const powers = [0.1, 1, 10, 100, 1000, 10_000, 100_000];
  return powers.filter((value) => value >= from && value <= to);
}

/** A vertical line wherever the weight changed, with what it changed to; labels that would overlap are left out. */
function drawMarks(plot: uPlot, { marks }: ChartData, { colour, font }: Look): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour('--text');
  ctx.fillStyle = colour('--text');
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  ctx.font = font.replace(/^(\d+)px/, (_all, size: string) => `${Number(size) * ratio}px`);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  let labelledFrom = Infinity;
  for (const { seconds, label } of marks.toReversed()) {
    const x = plot.valToPos(seconds, 'x', true);
    if (x < bbox.left) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - LABEL_GAP * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width;
    const left = Math.max(bbox.left, Math.min(x - width / 2, bbox.left + bbox.width - width));
    if (left + width + LABEL_GAP * ratio > labelledFrom) continue;
    ctx.fillText(label, left, bbox.top - LABEL_GAP * ratio);
    labelledFrom = left;
  }
  ctx.restore();
}
