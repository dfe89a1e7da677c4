/** What went wrong, what the user can do about it, and the exit code. */
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf, StartError } from '../../../shared/common/errors.ts';
import { ByeError, ConnectionError, RefusedError, RestanteError, UsageError } from '../../library/index.ts';
import { ApiError } from '../admin/api.ts';

/** The end of a command that has failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** The code of an error that has none of its own. */
const OTHER = 'FAILED';
/** What to do about a code. */
const ADVICE: Readonly<Record<string, string>> = {
  unknown: 'a name is known once it has been here, as with "restante listen NAME"',
  full: 'try again when some of its mail has been read',
  unstored: 'the store cannot be written now, or the name is not one that mail is held for',
  forbidden: 'your account or token may not write to this name',
  AUTH_REQUIRED: 'give a token with --token or RESTANTE_TOKEN; "restante token add --name NAME" makes one',
  AUTH_FAILED: 'see that --token or RESTANTE_TOKEN is right, is for this name, and was not revoked',
  NAME_REFUSED: 'choose another name',
  NAME_CROWDED: 'choose another name with --name',
  TAKEN_OVER: 'somebody else has proved this name: use another with --name',
};
/** The codes of the library whose messages say what to do. */
const SAYS_WHAT_TO_DO: ReadonlySet<string> = new Set(['CERTIFICATE_REFUSED', 'NO_TLS']);

/** @returns what to tell about a thrown value */
export function failureOf(error: unknown, url: string): Failure {
  if (error instanceof UsageError) return { code: error.code, message: error.message, exitCode: EXIT_BAD_SETTING };
  if (error instanceof ConnectionError && !SAYS_WHAT_TO_DO.has(error.code)) {
    const todo = 'start a broker with "restante serve", or name another with --url';
    return {
      code: error.code,
      message: `${error.message}: no broker answers at ${url}: ${todo}`,
      exitCode: EXIT_FAILED,
    };
  }
  if (error instanceof ApiError) return { code: error.code, message: error.message, exitCode: EXIT_FAILED };
  if (error instanceof StartError) return { code: OTHER, message: error.message, exitCode: error.exitCode };
  if (!(error instanceof RestanteError)) return { code: OTHER, message: messageOf(error), exitCode: EXIT_FAILED };
  const advice = error instanceof RefusedError || error instanceof ByeError ? ADVICE[error.code] : undefined;
  const message = advice === undefined ? error.message : `${error.message}: ${advice}`;
  return { code: error.code, message, exitCode: EXIT_FAILED };
}

/** Whether a write has failed because nobody reads any more, as `head` does. */
export function isUnread(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}
