import { SeenUsers } from '../domain/seen-users.ts';
import type { Weight } from '../domain/weight.ts';

const WINDOW_MS = 3_600_000;

/** Who asked for each route in the last hour; a route keeps its people while the configuration changes around it. */
export class SeenUsersByRoute {
  readonly #byRoute = new Map<string, SeenUsers>();

  readonly of = (route: string): SeenUsers => {
    let users = this.#byRoute.get(route);
    if (!users) this.#byRoute.set(route, (users = new SeenUsers(WINDOW_MS)));
    return users;
  };

  /** All of them, and those who change sides when the weight goes from one to the other; estimated. */
  readonly between = (route: string, from: Weight, to: Weight): { seen: number; moving: number } => {
    const users = this.of(route);
    return { seen: users.count, moving: users.between(from, to) };
  };

  /** To be called now and then: those of long ago are forgotten. @param now milliseconds of a clock that never goes back */
  advance(now: number): void {
    for (const users of this.#byRoute.values()) users.advance(now);
  }
}
