/* Draws the phases of a report; runs in the browser, beside uPlot. Shapes: ../series.ts. */
(() => {
  const phases = JSON.parse(document.getElementById('phases').textContent);
  const root = document.getElementById('charts');
  const HEIGHT = 260;
  const SIDES = ['legacy', 'coach'];
  /** A kind of line in the chart, and in the legend. */
  const LINES = {
    solid: { dash: [], marker: 'solid' },
    dashed: { dash: [8, 4], marker: 'dashed' },
    dotted: { dash: [2, 3], marker: 'dotted' },
  };
  const PERCENTILES = [
    { key: 'p50', width: 2.5, ...LINES.solid },
    { key: 'p95', width: 1.5, ...LINES.dashed },
    { key: 'p99', width: 1.5, ...LINES.dotted },
  ];
  let drawn = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /** Largest and smallest of many lists, nulls left out. */
  const valuesOf = (lists) => lists.flat().filter((value) => value !== null);

  const milliseconds = (value) => {
    if (value === null || value === undefined) return '–';
    return value >= 1000 ? `${+(value / 1000).toFixed(2)} s` : `${+value.toFixed(value < 10 ? 1 : 0)} ms`;
  };
  const number = (value) => (value === null || value === undefined ? '–' : String(+value.toFixed(1)));
  const percent = (value) => (value === null || value === undefined ? '–' : `${+value.toFixed(1)} %`);

  /** Three charts that every phase has. Each: the lines of a phase, and the axis that all phases share. */
  const charts = [
    {
      title: 'How long answers took, both sides (logarithmic)',
      lines: latencyLines,
      format: milliseconds,
      scale: logarithmicScale,
      ticks: (_chart, ticks) => ticks.map((tick) => (tick === null ? '' : milliseconds(tick))),
      shown: (_chart, ticks) => ticks.map((tick) => (isPowerOfTen(tick) ? tick : null)),
    },
    {
      title: 'Requests a second, by side',
      lines: rateLines,
      format: number,
      scale: scaleFromZero,
      ticks: (_chart, ticks) => ticks.map(number),
    },
    {
      title: 'Weight set, and share of the coach',
      lines: shareLines,
      format: percent,
      scale: () => ({ range: [0, 105] }),
      ticks: (_chart, ticks) => ticks.map((tick) => (tick > 100 ? '' : `${tick} %`)),
    },
  ];

  function latencyLines({ sides }) {
    return SIDES.flatMap((side) =>
      PERCENTILES.map(({ key, ...line }) => ({
        ...line,
        label: `${side} ${key}`,
        stroke: colour(side),
        values: sides[side][key],
      })),
    );
  }

  function rateLines({ sides, failedPerSecond }) {
    const bySide = SIDES.map((side) => ({
      label: side,
      stroke: colour(side),
      fill: `${colour(side)}22`,
      values: sides[side].perSecond,
      width: 2,
      ...LINES.solid,
    }));
    const failed = { label: 'failed', stroke: colour('failed'), values: failedPerSecond, width: 2, ...LINES.dashed };
    return [...bySide, failed];
  }

  function shareLines({ weight, coachShare }) {
    const paths = uPlot.paths.stepped({ align: 1 });
    return [
      { label: 'weight set', stroke: colour('weight'), values: weight, width: 2, ...LINES.dashed, paths },
      { label: 'requests to the coach', stroke: colour('coach'), values: coachShare, width: 2, ...LINES.solid },
    ];
  }

  /** From a round number below all values to one above. */
  function logarithmicScale(lines) {
    const values = valuesOf(lines.map((line) => line.values)).filter((value) => value > 0);
    if (values.length === 0) return { distr: 3, range: [1, 1000] };
    const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
    const most = Math.max(...values);
    const power = 10 ** Math.floor(Math.log10(most));
    const high = [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most);
    return { distr: 3, range: [low, Math.max(high, low * 10)] };
  }

  function scaleFromZero(lines) {
    return { range: [0, Math.max(1, ...valuesOf(lines.map((line) => line.values))) * 1.05] };
  }

  function isPowerOfTen(value) {
    return value !== null && Number.isInteger(+Math.log10(value).toFixed(6));
  }

  function axis(extra) {
    const line = { stroke: colour('rule'), width: 1, ...(extra.filter && { filter: extra.filter }) };
    return { stroke: colour('quiet'), grid: line, ticks: line, font: '12px system-ui, sans-serif', ...extra };
  }

  function addFigure(row, caption) {
    const figure = document.createElement('figure');
    const figcaption = document.createElement('figcaption');
    figcaption.textContent = caption;
    const place = document.createElement('div');
    place.setAttribute('role', 'img');
    place.setAttribute('aria-label', `Chart: ${caption}. The figures are in the table above.`);
    figure.append(figcaption, place);
    row.append(figure);
    return place;
  }

  function draw(place, chart, phase, y) {
    const lines = chart.lines(phase);
    const series = lines.map(({ values: _values, marker: _marker, ...line }) => ({
      ...line,
      spanGaps: false,
      points: { size: 4 },
      value: (_chart, value) => chart.format(value),
    }));
    const options = {
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      scales: { x: { time: false }, y },
      series: [{ label: 'second' }, ...series],
      axes: [
        axis({ values: (_chart, ticks) => ticks.map((tick) => `${tick} s`) }),
        axis({ size: 64, values: chart.ticks, ...(chart.shown && { filter: chart.shown }) }),
      ],
      legend: { markers: { width: 2, dash: (_chart, index) => lines[index - 1]?.marker ?? 'solid' } },
    };
    return new uPlot(options, [phase.seconds, ...lines.map((line) => line.values)], place);
  }

  function drawAll() {
    for (const { plot } of drawn) plot.destroy();
    root.replaceChildren();
    drawn = charts.flatMap((chart) => {
      const row = document.createElement('div');
      row.className = 'row';
      root.append(row);
      const places = phases.map((phase) =>
        addFigure(row, phases.length > 1 ? `${phase.title}: ${chart.title.toLowerCase()}` : chart.title),
      );
      const y = chart.scale(phases.flatMap((phase) => chart.lines(phase)));
      return phases.map((phase, index) => ({ place: places[index], plot: draw(places[index], chart, phase, y) }));
    });
  }

  function fit() {
    for (const { place, plot } of drawn) plot.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT });
  }

  drawAll();
  addEventListener('resize', fit);
  // Lines have the colours of the scheme in which they were drawn.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
})();
