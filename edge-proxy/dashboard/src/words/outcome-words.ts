import type { ChangedRoute } from '@fit/edge-proxy/admin-api/schemas';
import { NoAnswerError, RefusedError, explain } from '../api/problem.ts';
import type { OutcomeText } from '../parts/outcome.tsx';
import { plural } from './format.ts';

/** On how many edges a change is in force. */
export function servedInWords({ serving, replicas }: ChangedRoute['acknowledged']): string {
  const edges = `${serving} of ${plural(replicas, 'edge')} ${serving === 1 ? 'serves' : 'serve'} it`;
  return serving === replicas ? `${edges}.` : `Only ${edges} so far.`;
}

/** What became of a change that was not confirmed. */
export function failedText(error: unknown): OutcomeText {
  if (error instanceof NoAnswerError) {
    const text =
      'No answer came, so it is not known whether the change was taken. Look at what is set before you try again.';
    return { kind: 'problem', text };
  }
  const isUnconfirmed = error instanceof RefusedError && error.problem.type === 'store-unavailable';
  return { kind: 'problem', text: isUnconfirmed ? explain(error) : `Nothing was changed. ${explain(error)}` };
}
