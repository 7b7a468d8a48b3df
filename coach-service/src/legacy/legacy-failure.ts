import { FAILED_DEPENDENCY } from '@fit/contracts/headers';
import { ProblemError } from '@fit/service-kit/problem';

/** The monolith's name in `X-Failed-Dependency` and in `GET /health`. */
export const LEGACY = 'legacy-monolith';

/** Every way in which a call to the monolith can fail. */
export type LegacyFailure =
  /** 401 or 403: this caller's token; says nothing about the monolith or other callers. */
  | { kind: 'refused' }
  /** Refused, reset, cut, 429 or 5xx. */
  | { kind: 'unavailable'; why: string }
  /** No whole answer in time. */
  | { kind: 'timeout' }
  /** An answer that breaks the contract; `why` names the field. */
  | { kind: 'malformed'; why: string }
  /** The person who waited for it has left. */
  | { kind: 'cancelled' };

/** The failure as HTTP shows it. */
export function problemOf(failure: LegacyFailure): ProblemError {
  const headers = { [FAILED_DEPENDENCY]: LEGACY };
  switch (failure.kind) {
    case 'refused':
      return new ProblemError('unauthorized', 'The monolith refuses the token', {
        headers: {
          'www-authenticate': 'Bearer realm="fit", error="invalid_token", error_description="the monolith refuses it"',
        },
      });
    case 'malformed':
      return new ProblemError('bad-upstream-answer', `The monolith answered wrongly: ${failure.why}`, { headers });
    case 'timeout':
      return new ProblemError('dependency-unavailable', 'The monolith did not answer in time', { headers });
    case 'unavailable':
      return new ProblemError('dependency-unavailable', `The monolith is unavailable: ${failure.why}`, { headers });
    case 'cancelled':
      return new ProblemError('dependency-unavailable', 'The request was given up before the monolith answered');
  }
}
