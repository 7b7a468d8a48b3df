import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { RouteControl, RouteVerdict } from '../control-plane/route-control.ts';
import type { GateVerdict } from '../domain/gate-verdict.ts';
import type { RampPhase } from '../domain/ramp.ts';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import { initialState } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { revision, weightFromPercent } from '../domain/weight.ts';
import { publishRoutes } from './route-gauges.ts';
import { publishVerdicts } from './verdict-gauges.ts';

const begun = initialState('wod', weightFromPercent(0), new Date(0));
const plan = rampPlanSchema.parse({
  steps: '10 %',
  gates: { custom: [{ name: 'jobs', upstream: 'coach', bad: 'bad_total', total: 'all_total' }] },
});

type Known = { state?: Partial<RouteState>; gates?: GateVerdict[]; seen?: number; isLeading?: boolean };

/** Series that are not 0 by name and labels, and how many there are of each name. */
async function scrape({ state, gates, seen = 0, isLeading = false }: Known) {
  const current = { ...begun, ...state };
  const verdict = gates && ({ gates } as unknown as RouteVerdict);
  const control = {
    routing: () =>
      ({ routes: [{ name: 'wod', ramp: plan }, { name: 'gone' }] }) as unknown as ReturnType<RouteControl['routing']>,
    stateOf: (route: string) => (route === 'wod' ? current : undefined),
    verdict: () => verdict,
    usersBetween: () => ({ seen, moving: 0 }),
    isLeading: () => isLeading,
  };
  const registry = new Registry();
  publishRoutes(registry, { control, parityOf: () => ({ compared: 20, differing: 3 }) });
  publishVerdicts(registry, control);
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line) => {
    const at = line.lastIndexOf(' ');
    return [
      line
        .slice(0, at)
        .replaceAll(/[{}"]|route="wod",?/g, ' ')
        .trim()
        .replaceAll(/ +/g, ' '),
      Number(line.slice(at)),
    ] as const;
  });
  return Object.fromEntries(series.filter(([name, value]) => value !== 0 || /ratio|off|leader/.test(name)));
}

const gate = (name: string, verdict: GateVerdict['verdict'], numbers = {}): GateVerdict => ({
  gate: name,
  verdict,
  sentence: '',
  numbers,
});

test.each([
  ['legacy', {}],
  ['shadow', { mirrorShare: weightFromPercent(5) }],
  ['canary', { weight: weightFromPercent(10) }],
  ['full', { weight: weightFromPercent(100) }],
  ['retired', { weight: weightFromPercent(100), retired: true }],
])('a route that is %s is in that phase alone', async (phase, state) => {
  const series = await scrape({ state });
  expect(Object.keys(series).filter((name) => name.startsWith('edge_route_phase'))).toEqual([
    `edge_route_phase phase= ${phase}`,
  ]);
});

test('the copied share and what was compared', async () => {
  expect(await scrape({ state: { mirrorShare: weightFromPercent(12.5) } })).toMatchObject({
    edge_route_mirror_ratio: 0.125,
    edge_parity_compared_pairs: 20,
    edge_parity_unexplained_pairs: 3,
  });
});

test.each<RampPhase | 'none'>([
  'none',
  'running',
  'paused',
  'waiting',
  'frozen',
  'completed',
  'rolled-back',
  'cancelled',
])('a ramp that is %s is that alone', async (phase) => {
  const ramp = phase === 'none' ? undefined : { plan, id: revision(1), step: 0, phase };
  const series = await scrape({ state: { ramp } });
  expect(Object.keys(series).filter((name) => name.startsWith('edge_ramp_state'))).toEqual([
    `edge_ramp_state state= ${phase}`,
  ]);
});

describe('the share of users', () => {
  const share = (usersNew: number, usersOld: number, verdict: GateVerdict['verdict'] = 'pass') => [
    gate('share', verdict, { usersNew, usersOld }),
  ];
  const at10 = { weight: weightFromPercent(10) };

  test.each<[string, Known, object]>([
    [
      'is that of distinct users',
      { state: at10, gates: share(12, 88) },
      { edge_route_share_ratio: 0.12, edge_route_share_off: 0 },
    ],
    [
      'is told to be off',
      { state: at10, gates: share(80, 20, 'fail') },
      { edge_route_share_ratio: 0.8, edge_route_share_off: 1 },
    ],
    ['is 0 at weight 0', { seen: 3 }, { edge_route_share_ratio: 0, edge_route_share_off: 0 }],
  ])('%s', async (_what, known, expected) => {
    expect(await scrape(known)).toMatchObject(expected);
  });

  test.each<[string, Known]>([
    ['nobody was judged', { state: at10 }],
    ['nobody was seen', { state: at10, gates: share(0, 0, 'not-enough-data') }],
    ['nobody was seen at weight 0', {}],
  ])('is not told where %s', async (_what, known) => {
    expect(await scrape(known)).not.toHaveProperty('edge_route_share_ratio');
  });
});

test('a gate has its verdict alone; the names of those that are not configured are not told', async () => {
  const gates = [
    gate('failed', 'pass'),
    gate('jobs', 'fail'),
    gate('operators-own', 'pass'),
    gate('another', 'not-enough-data'),
  ];
  const series = await scrape({ state: { weight: weightFromPercent(10) }, gates });
  expect(Object.keys(series).filter((name) => name.startsWith('edge_gate_verdict'))).toEqual([
    'edge_gate_verdict gate= failed ,verdict= pass',
    'edge_gate_verdict gate= jobs ,verdict= fail',
    'edge_gate_verdict gate= custom ,verdict= not-enough-data',
  ]);
});

test('who leads', async () => {
  expect(await scrape({ isLeading: true })).toMatchObject({ edge_ramp_leader: 1 });
  expect(await scrape({})).toMatchObject({ edge_ramp_leader: 0 });
});
