import type { Registry } from 'prom-client';
import type { RouteControl, RouteVerdict } from '../control-plane/route-control.ts';
import { VERDICTS } from '../domain/gate-verdict.ts';
import type { GateVerdict, Verdict } from '../domain/gate-verdict.ts';
import { BUILT_IN_GATES } from '../domain/ramp-plan.ts';
import { RAMP_PHASES } from '../domain/ramp.ts';
import type { RouteState } from '../domain/route-state.ts';
import { SHARE_GATE } from '../domain/share-check.ts';
import { NOBODY } from '../domain/weight.ts';
import { statesOf } from './route-gauges.ts';
import { publishGauge, setOneOf } from './scraped-gauge.ts';
import type { SetSeries } from './scraped-gauge.ts';

const RAMP_STATES = ['none', ...RAMP_PHASES] as const;
/** Gates that an operator named in a plan of his own, taken together: their names are of no closed set. */
const OTHER_GATES = 'custom';

type Control = Pick<RouteControl, 'routing' | 'stateOf' | 'verdict' | 'usersBetween' | 'isLeading'>;

/** What ramps and gates say of each route, as of the last look, read when somebody scrapes. */
export function publishVerdicts(registry: Registry, control: Control): void {
  publishGauge(
    registry,
    {
      name: 'edge_route_share_ratio',
      help: 'Share of distinct users that is on the new side, 0–1, as all edges saw them in the last minutes.',
      labels: ['route'],
    },
    (set) => {
      for (const state of statesOf(control)) {
        const share = shareOf(state, control);
        if (share !== undefined) set(share, { route: state.route });
      }
    },
  );
  publishGauge(
    registry,
    {
      name: 'edge_route_share_off',
      help: 'Whether users are not split as the weight says, beyond chance: 1 or 0.',
      labels: ['route'],
    },
    (set) => {
      for (const { route } of statesOf(control)) {
        set(shareGateOf(control.verdict(route))?.verdict === 'fail' ? 1 : 0, { route });
      }
    },
  );
  publishGauge(
    registry,
    { name: 'edge_ramp_state', help: 'State of the last ramp of a route: 1 for it.', labels: ['route', 'state'] },
    (set) => {
      for (const { route, ramp } of statesOf(control)) {
        const labelsOf = (state: string) => ({ route, state });
        setOneOf(set, { states: RAMP_STATES, current: ramp?.phase ?? 'none', labelsOf });
      }
    },
  );
  publishGauge(
    registry,
    {
      name: 'edge_gate_verdict',
      help: 'What a gate says of the new side: 1 for its verdict. Nothing while nobody is judged.',
      labels: ['route', 'gate', 'verdict'],
    },
    (set) => {
      for (const { route } of statesOf(control)) setGates(set, route, control);
    },
  );
  publishGauge(
    registry,
    { name: 'edge_ramp_leader', help: 'Whether this edge carries out what ramps decide: 1 or 0.' },
    (set) => set(control.isLeading() ? 1 : 0),
  );
}

function setGates(set: SetSeries<'route' | 'gate' | 'verdict'>, route: string, control: Control): void {
  const configured = control.routing().routes.find(({ name }) => name === route);
  const known = new Set<string>([...BUILT_IN_GATES, ...(configured?.ramp?.gates.custom.map(({ name }) => name) ?? [])]);
  const byLabel = Map.groupBy(control.verdict(route)?.gates ?? [], ({ gate }) =>
    known.has(gate) ? gate : OTHER_GATES,
  );
  for (const [gate, verdicts] of byLabel) {
    const labelsOf = (verdict: Verdict) => ({ route, gate, verdict });
    setOneOf(set, { states: VERDICTS, current: worstOf(verdicts), labelsOf });
  }
}

/** From the worst to the best. */
const BY_WEIGHT: readonly Verdict[] = ['fail', 'not-enough-data', 'pass', 'not-applicable'];

function worstOf(verdicts: readonly GateVerdict[]): Verdict {
  return BY_WEIGHT.find((each) => verdicts.some(({ verdict }) => verdict === each)) ?? 'not-applicable';
}

function shareGateOf(verdict: RouteVerdict | undefined): GateVerdict | undefined {
  return verdict?.gates.find(({ gate }) => gate === SHARE_GATE);
}

/** 0–1; undefined where nobody was seen. At weight 0 nothing is judged, and nobody is on the new side. */
function shareOf({ route, weight }: RouteState, control: Control): number | undefined {
  if (weight === NOBODY) return control.usersBetween(route, NOBODY, NOBODY).seen > 0 ? 0 : undefined;
  const { usersNew = 0, usersOld = 0 } = shareGateOf(control.verdict(route))?.numbers ?? {};
  const users = usersNew + usersOld;
  return users > 0 ? usersNew / users : undefined;
}
