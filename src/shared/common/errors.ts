/** The error of a program that cannot start, its exit codes, and the message of any error. */

/** @returns the message of a thrown value, whatever was thrown */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any failure but a wrong setting. */
export const EXIT_FAILED = 1;
/** A setting or an option is wrong. */
export const EXIT_BAD_SETTING = 2;

/** The broker cannot start, or cannot continue. The operator reads the message, which is one line. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
    this.exitCode = exitCode;
  }
}
