import type { Catalogue } from '@fit/contracts/catalogue';
import { suggest } from '@fit/contracts/workout-of-the-day';

/** A catalogue with everything done that does not depend on the person: once a version, not once a request. */
export type PreparedCatalogue = {
  /** Each exercise as the workout shows it, in JSON. */
  suggestions: readonly string[];
  /** Where in `suggestions` the exercise with an id stands. */
  positionById: ReadonlyMap<number, number>;
};

export function prepareCatalogue({ exercises }: Catalogue): PreparedCatalogue {
  return {
    suggestions: exercises.map((exercise) => JSON.stringify(suggest(exercise))),
    positionById: new Map(exercises.map(({ id }, position) => [id, position])),
  };
}
