import type { CalendarDate } from '@fit/contracts/calendar';
import { WORKOUT_SIZE } from '@fit/contracts/workout-of-the-day';
import type { CatalogueCache } from '../catalogue/catalogue-cache.ts';
import type { PreparedCatalogue } from '../catalogue/prepare-catalogue.ts';
import type { Clock } from '../clock.ts';
import type { CallScope } from '../legacy/call-scope.ts';
import type { Caller } from '../legacy/caller.ts';
import { fetchHistory } from '../legacy/fetch-history.ts';
import type { LegacyClient } from '../legacy/legacy-client.ts';
import type { LegacyFailure } from '../legacy/legacy-failure.ts';
import { drawPositions } from './draw.ts';
import type { RandomInt } from './draw.ts';

export type WorkoutDependencies = {
  legacy: LegacyClient;
  catalogue: CatalogueCache;
  clock: Clock;
  random: RandomInt;
  yesterday: (timeZone: string, now: Date) => CalendarDate;
};

export type WorkoutOutcome =
  /** `json` is a `WorkoutOfTheDay`. */
  { kind: 'drawn'; json: string } | { kind: 'not-enough'; available: number } | LegacyFailure;

/** The workout of the day of a person in a time zone; once one half has failed, the other is given up. */
export async function makeWorkout(
  { legacy, catalogue, clock, random, yesterday }: WorkoutDependencies,
  { timeZone, caller, scope }: { timeZone: string; caller: Caller; scope: CallScope },
): Promise<WorkoutOutcome> {
  const now = clock.now();
  const { signal } = scope;
  const giveUpUnlessFound = <Half extends { kind: string }>(half: Half): Half => {
    if (half.kind !== 'found') scope.giveUp();
    return half;
  };
  const [exercises, history] = await Promise.all([
    catalogue.get(caller, signal).then(giveUpUnlessFound),
    fetchHistory(legacy, { date: yesterday(timeZone, now), caller, signal }).then(giveUpUnlessFound),
  ]);
  if (exercises.kind === 'found' && history.kind === 'found') {
    return drawWorkout(exercises.catalogue, { completedIds: history.exerciseIds, now, random });
  }
  return causeOf([exercises, history].filter((half) => half.kind !== 'found'));
}

/** Where one half failed, the other was cancelled for it. */
function causeOf(failures: readonly LegacyFailure[]): LegacyFailure {
  return failures.find(({ kind }) => kind !== 'cancelled') ?? { kind: 'cancelled' };
}

function drawWorkout(
  { suggestions, positionById }: PreparedCatalogue,
  { completedIds, now, random }: { completedIds: readonly number[]; now: Date; random: RandomInt },
): WorkoutOutcome {
  // Exercises that have left the catalogue cannot be drawn anyway.
  const excluded = completedIds.map((id) => positionById.get(id)).filter((position) => position !== undefined);
  const available = suggestions.length - excluded.length;
  if (available < WORKOUT_SIZE) return { kind: 'not-enough', available };
  const positions = drawPositions({ total: suggestions.length, excluded, count: WORKOUT_SIZE, random });
  const drawn = positions.map((position) => suggestions[position]).join(',');
  return { kind: 'drawn', json: `{"exercises":[${drawn}],"generated_at":"${now.toISOString()}"}` };
}
