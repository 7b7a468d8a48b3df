import type { RequestHandler } from 'express';
import { ProblemError } from './problem.ts';

const SCHEME_AND_AUTHORITY = /^https?:\/\/[^/?#]+/i;

/**
 * Leaves of a request's target the path that is matched, and the query. Express by itself would read it as a browser reads
 * an address: without a fragment, and with any scheme and authority before the path. But a fragment is no part of a target,
 * and of an absolute one only path and query count (RFC 9112, section 3.2).
 */
export const originForm: RequestHandler = (req, _res, next) => {
  const target = req.url.replace(SCHEME_AND_AUTHORITY, '');
  if (!/^(?:[/?][^#]*)?$/.test(target)) {
    throw new ProblemError('bad-request', 'The request target must be a path without a fragment');
  }
  req.url = target.startsWith('/') ? target : `/${target}`;
  next();
};
