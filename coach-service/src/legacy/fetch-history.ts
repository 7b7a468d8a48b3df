import type { CalendarDate } from '@fit/contracts/calendar';
import { historySchema } from '@fit/contracts/history';
import type { Caller } from './caller.ts';
import type { LegacyClient } from './legacy-client.ts';
import type { LegacyFailure } from './legacy-failure.ts';
import { firstRepeated } from './first-repeated.ts';

/** Several thousand ids; a person completes some dozens of exercises a day. */
const MAX_BYTES = 65_536;

const schema = historySchema.superRefine(({ exercise_ids }, context) => {
  const at = firstRepeated(exercise_ids);
  if (at !== undefined) {
    context.addIssue({ code: 'custom', path: ['exercise_ids', at], message: `repeats the id ${exercise_ids[at]}` });
  }
});

export type HistoryFound = { kind: 'found'; exerciseIds: readonly number[] };

/** The ids of the exercises that the caller completed on a day of his own calendar. Always asked anew. */
export async function fetchHistory(
  legacy: LegacyClient,
  { date, caller, signal }: { date: CalendarDate; caller: Caller; signal: AbortSignal },
): Promise<HistoryFound | LegacyFailure> {
  const path = `/fitness/history?date=${date}`;
  const answer = await legacy.get({ endpoint: 'history', path, schema, maxBytes: MAX_BYTES, caller, signal });
  if (answer.kind !== 'ok') return answer;
  if (answer.value.date !== date) {
    return { kind: 'malformed', why: `the history at date: is ${answer.value.date}, asked was ${date}` };
  }
  return { kind: 'found', exerciseIds: answer.value.exercise_ids };
}
