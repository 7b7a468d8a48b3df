import type { DifferenceSample, LiveChecks, ParityReport } from '../domain/parity.ts';
import type { RouteState } from '../domain/route-state.ts';
import { proportionBounds } from '../domain/statistics/proportion-bounds.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { ParityView } from './schemas.ts';

/** Of one in so many the bound is wrong, at whatever moment somebody looks. */
const ALPHA = 0.01;

/** What comparing both sides has found since mirroring began. */
export function parityView({ route, mirrorShare, mirrorEpoch }: RouteState, report: ParityReport): ParityView {
  const { compared, differing, skipped, fields, live } = report;
  const atMost = compared === 0 ? null : percentAtMost(differing, compared);
  return {
    route,
    mirror_share: weightToPercent(mirrorShare),
    since_revision: mirrorEpoch,
    compared,
    differing,
    skipped: { ...skipped },
    differing_at_most: atMost,
    sentence: paritySentence({ compared, differing, atMost, isMirrored: mirrorShare > 0 }),
    fields: fields.map(({ field, pairs, samples }) => ({ field, pairs, samples: samples.map(sampleView) })),
    live: { old: liveView(live.old), new: liveView(live.new) },
  };
}

type Found = { compared: number; differing: number; atMost: number | null; isMirrored: boolean };

/** `12,430 compared, 0 unexplained, at most 0.06 % with 99 % confidence` */
function paritySentence({ compared, differing, atMost, isMirrored }: Found): string {
  if (atMost === null) return isMirrored ? 'Nothing compared yet' : 'Nothing compared: the route is not mirrored';
  return (
    `${number(compared)} compared, ${number(differing)} unexplained, ` +
    `at most ${atMost} % with ${100 * (1 - ALPHA)} % confidence`
  );
}

/** With two significant digits, rounded up: what is promised is never less than what was found. */
function percentAtMost(differing: number, compared: number): number {
  const percent = 100 * proportionBounds({ successes: differing, trials: compared, alpha: ALPHA }).upper;
  const digit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  return Math.min(100, Number((Math.ceil(percent / digit) * digit).toPrecision(2)));
}

function sampleView({ at, requestId, old, new: fresh }: DifferenceSample): ParityView['fields'][number]['samples'][0] {
  return { at, request_id: requestId, old: old ?? null, new: fresh ?? null };
}

function liveView({ checked, broken, rules }: LiveChecks): ParityView['live']['old'] {
  return { checked, broken, rules: { ...rules } };
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
