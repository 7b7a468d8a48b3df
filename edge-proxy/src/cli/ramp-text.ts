import type { RampView } from '../admin-api/schemas.ts';

/** `ramp 2/4 running` */
export function rampText({ step, steps, phase }: Pick<RampView, 'step' | 'steps' | 'phase'>): string {
  return `ramp ${step}/${steps.length} ${phase}`;
}
