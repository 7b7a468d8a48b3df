import type { GateVerdict, Verdict } from './gate-verdict.ts';
import { absoluteVerdict, customVerdict, relativeVerdict } from './judge-numbers.ts';
import type { AbsoluteNumbers, CustomNumbers, RelativeNumbers } from './judge-numbers.ts';
import { SHARE_GATE, shareVerdict } from './share-check.ts';
import type { ShareNumbers } from './share-check.ts';

/** The verdict that a gate's numbers lead to, for whoever finds them in an audit entry. */
export function judgeAgain({ gate, numbers }: Pick<GateVerdict, 'gate' | 'numbers'>): Verdict {
  if (gate === SHARE_GATE) return shareVerdict(numbers as ShareNumbers);
  if ('flawedPeople' in numbers) return relativeVerdict(numbers as RelativeNumbers);
  if ('judged' in numbers) return absoluteVerdict(numbers as AbsoluteNumbers);
  return customVerdict(numbers as CustomNumbers);
}
