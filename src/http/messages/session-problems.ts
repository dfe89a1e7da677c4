/** What a session of the broker says, as the problems of HTTP. */
import { type Problem, problemOf } from '../problems.ts';

/** After so many seconds it makes sense to try again. */
export const RETRY_SECONDS = 2;

/** What an error of a message is for the request that sent it. */
export function problemOfError(code: string, message: string): Problem {
  if (code === 'SHARD_RESTARTED') return problemOf('OUTCOME_UNKNOWN', {}, { retry: RETRY_SECONDS });
  return problemOf('REQUEST_REFUSED', { problem: message });
}

/**
 * What the end of a session is for its requests.
 * @param retry after so many seconds it makes sense to try again
 */
export function problemOfEnd(code: string, message: string, retry = RETRY_SECONDS): Problem {
  switch (code) {
    case 'NAME_REFUSED':
    case 'NAME_TOO_LONG':
    case 'HELLO_REFUSED':
    case 'NOT_UTF8':
      return problemOf('REQUEST_REFUSED', { problem: message });
    case 'AUTH_REQUIRED':
      return problemOf('PROOF_NEEDED', {});
    case 'AUTH_FAILED':
      return problemOf('PROOF_WRONG', {});
    case 'AUTH_LIMITED':
      return problemOf('PROOFS_LIMITED', {}, { retry });
    case 'AUTH_BUSY':
      return problemOf('PROOFS_BUSY', {}, { retry });
    case 'ACCOUNT_CROWDED':
    case 'TOO_OFTEN':
      return problemOf('TOO_MANY', { what: 'connections' }, { retry });
    case 'NAME_CROWDED':
      return problemOf('TOO_MANY', { what: 'peers wait for this name' }, { retry: RETRY_SECONDS });
    default:
      return problemOf('NOT_SERVED', { reason: message }, { retry: RETRY_SECONDS });
  }
}
