import cohortKey from '@fit/contracts/cohort-key';
import type { KeySource } from '../config/route-file.ts';

/** Where a request comes from: its headers as they came, names and values in turn, and the client's address. */
export type Origin = { received: readonly string[]; client: string };

/** The key that decides a request's side; without the one that the route asks for, the client's address. */
export function cohortKeyOf(source: KeySource, { received, client }: Origin): string {
  if ('claim' in source) return cohortKey.keyOf('claim', source.claim, received, client);
  if ('header' in source) return cohortKey.keyOf('header', source.header, received, client);
  return cohortKey.keyOf('cookie', source.cookie, received, client);
}
