import type { Compared } from './comparison.ts';
import type { Memory } from './memory.ts';
import type { ProxyName } from './proxies.ts';

/** Everything that an aim may speak of; what was not measured is absent. */
export type Measured = { compared: readonly Compared[]; memory: readonly Memory[]; featuresPercent?: number };

type Aim = {
  what: string;
  unit: '' | ' KB' | ' %';
  aim: number;
  stretch: number;
  better: 'less' | 'more';
  value: (measured: Measured) => number | undefined;
  /** Why the value does not count, if it does not. */
  void?: (measured: Measured) => string | undefined;
};

/** Above that, the machine was so disturbed that nginx does not measure it (undici itself was then seen at 3.5). */
const CALM_SPREAD_PERCENT = 15;

const AIMS: readonly Aim[] = [
  {
    what: "CPU per request / the bare undici forwarder's",
    unit: '',
    aim: 1.15,
    stretch: 1,
    better: 'less',
    value: (measured) => cpuRatio(measured, 'edge', 'bare-undici'),
  },
  {
    what: "CPU per request / nginx's",
    unit: '',
    aim: 2.1,
    stretch: 1.8,
    better: 'less',
    value: (measured) => cpuRatio(measured, 'edge', 'nginx'),
    void: (measured) => {
      const spread = find(measured, 'nginx')?.cpuMicros.spreadPercent ?? 0;
      return spread < CALM_SPREAD_PERCENT ? undefined : `nginx's own spread is ${spread.toFixed(0)} %`;
    },
  },
  {
    what: "Express + http-proxy-middleware's / ours",
    unit: '',
    aim: 2.2,
    stretch: 2.6,
    better: 'more',
    value: (measured) => cpuRatio(measured, 'express-hpm', 'edge'),
  },
  {
    what: "@fastify/reply-from's / ours",
    unit: '',
    aim: 1.4,
    stretch: 1.6,
    better: 'more',
    value: (measured) => cpuRatio(measured, 'reply-from', 'edge'),
  },
  {
    what: "p99 at 5,000 requests/s, 100 connections / nginx's",
    unit: '',
    aim: 3,
    stretch: 1.5,
    better: 'less',
    value: (measured) => ratio(find(measured, 'edge')?.p99Micros?.median, find(measured, 'nginx')?.p99Micros?.median),
  },
  {
    what: 'memory per idle keep-alive connection, 10,000 open',
    unit: ' KB',
    aim: 15,
    stretch: 8,
    better: 'less',
    value: ({ memory }) => memory.find(({ name }) => name === 'edge')?.kibPerConnection?.median,
  },
  {
    what: 'fallback, breaker, metrics, cohort together, of our CPU',
    unit: ' %',
    aim: 15,
    stretch: 8,
    better: 'less',
    value: ({ featuresPercent }) => featuresPercent,
  },
];

export type Verdict = {
  what: string;
  value: string;
  aim: string;
  stretch: string;
  verdict: 'stretch met' | 'met' | 'NOT met' | 'not measured' | `does not count: ${string}`;
};

/** The aims in their order, each with what was measured. */
export function judge(measured: Measured): Verdict[] {
  return AIMS.map((aim) => {
    const value = aim.value(measured);
    const sign = aim.better === 'less' ? '≤' : '≥';
    return {
      what: aim.what,
      value: value === undefined ? '–' : `${value.toFixed(2)}${aim.unit}`,
      aim: `${sign} ${aim.aim}${aim.unit}`,
      stretch: `${sign} ${aim.stretch}${aim.unit}`,
      verdict: verdictOf(aim, value, measured),
    };
  });
}

function verdictOf(aim: Aim, value: number | undefined, measured: Measured): Verdict['verdict'] {
  if (value === undefined) return 'not measured';
  const why = aim.void?.(measured);
  if (why !== undefined) return `does not count: ${why}`;
  const reaches = (bound: number) => (aim.better === 'less' ? value <= bound : value >= bound);
  if (reaches(aim.stretch)) return 'stretch met';
  return reaches(aim.aim) ? 'met' : 'NOT met';
}

function find({ compared }: Measured, name: ProxyName): Compared | undefined {
  return compared.find((each) => each.name === name);
}

function cpuRatio(measured: Measured, over: ProxyName, under: ProxyName): number | undefined {
  return ratio(find(measured, over)?.cpuMicros.median, find(measured, under)?.cpuMicros.median);
}

function ratio(over: number | undefined, under: number | undefined): number | undefined {
  return over === undefined || under === undefined ? undefined : over / under;
}
