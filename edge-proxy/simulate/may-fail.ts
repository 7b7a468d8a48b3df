import { FLAWS, MOST_FLAWED, MOST_USERS } from '../src/domain/evidence.ts';
import type { Evidence, PeriodEvidence } from '../src/domain/evidence.ts';
import { BUILT_IN_FAILING_GATES, RAMP_ALPHA, logNeeded } from '../src/domain/judge-numbers.ts';
import type { RampPlan } from '../src/domain/ramp.ts';
import { sideOfHash } from '../src/domain/split.ts';
import { EVERYBODY } from '../src/domain/weight.ts';
import type { Weight } from '../src/domain/weight.ts';

const ABSOLUTE = ['failed', 'slow', 'invalid'] as const;

/** What one edge, which keeps everything, would have seen that all people had asked; and what each edge saw. */
export type SeenInAll = { readonly all: Evidence; readonly edges: readonly Evidence[] };

/**
 * Whether any gate could fail: an e-value mixes likelihood ratios, so that it never exceeds the largest one, which is quickly
 * known. Most looks at equal sides need not be taken for that; those that are taken are the edge's own.
 */
export function mayFail({ all, edges }: SeenInAll, plan: RampPlan, weight: Weight): boolean {
  const budget = { alpha: RAMP_ALPHA, steps: plan.steps.length, gates: BUILT_IN_FAILING_GATES, tests: 1 };
  const isEverybody = weight === EVERYBODY;
  const inPeriod = (period: PeriodEvidence): boolean => {
    const needed = logNeeded({ ...budget, period: period.period });
    return (
      FLAWS.some((flaw) => !isEverybody && flawedTowardsNew(period.flawed[flaw], weight) >= needed) ||
      ABSOLUTE.some((gate) => {
        const { length } = period.judged[gate === 'invalid' ? 'checked' : 'users'];
        return largestRatio(period.judged[gate].length, length, plan.gates[`${gate}Percent`] / 100) >= needed;
      })
    );
  };
  if (edges.some(({ periods }) => periods.some(isCut)) || all.periods.some(inPeriod)) return true;
  return isEverybody && mayFailInEpoch(edges, plan, logNeeded({ ...budget, period: 0 }));
}

function mayFailInEpoch(edges: readonly Evidence[], plan: RampPlan, needed: number): boolean {
  return ABSOLUTE.some((gate) => {
    const sum = (name: 'units' | 'checked' | typeof gate) =>
      edges.reduce((total, { units }) => total + units.new[name], 0);
    const all = sum(gate === 'invalid' ? 'checked' : 'units');
    return largestRatio(sum(gate), all, plan.gates[`${gate}Percent`] / 100) >= needed;
  });
}

function flawedTowardsNew(flawed: readonly number[], weight: Weight): number {
  const onNew = flawed.reduce((sum, hash) => (sideOfHash(hash, weight) === 'new' ? sum + 1 : sum), 0);
  return largestRatio(onNew, flawed.length, weight / EVERYBODY);
}

/** ln of the largest likelihood ratio of any larger share than this one to it. */
function largestRatio(successes: number, trials: number, share: number): number {
  if (successes <= trials * share) return 0;
  const failures = trials - successes;
  const rest = failures === 0 ? 0 : failures * Math.log(failures / trials / (1 - share));
  return successes * Math.log(successes / trials / share) + rest;
}

/** What one edge keeps is bounded: beyond, what all keep together is not what one of them would. */
function isCut({ flawed, judged }: PeriodEvidence): boolean {
  return judged.users.length >= MOST_USERS || FLAWS.some((flaw) => flawed[flaw].length >= MOST_FLAWED);
}
