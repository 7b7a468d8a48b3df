import cohortKey from '@fit/contracts/cohort-key';
import type { KeyPlace } from '../domain/key-place.ts';

/** Where a request comes from: its headers as they came, names and values in turn, and the client's address. */
export type Origin = { received: readonly string[]; client: string };

/** The key that decides a request's side; without the one that the route asks for, the client's address. */
export function cohortKeyOf({ from, name }: KeyPlace, { received, client }: Origin): string {
  return cohortKey.keyOf(from, name, received, client);
}
