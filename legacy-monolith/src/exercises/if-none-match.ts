const ENTITY_TAG = /^(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/;

/**
 * Whether `If-None-Match` names the current entity tag: a list, `*`, and weak comparison (RFC 9110, 13.1.2).
 *
 * @param etag the current one, strong, with its quotes
 */
export function matchesEntityTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  // Our own tags have no comma, so one inside another's tag cannot hide a match or make one.
  return ifNoneMatch.split(',').some((tag) => ENTITY_TAG.exec(tag.trim())?.[1] === etag);
}
