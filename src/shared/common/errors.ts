/** A program that cannot start, its exit codes, and what any error says. */

/** What a thrown value says, whatever it is. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Exit codes of the broker. */
export const EXIT_FAILED = 1;
export const EXIT_BAD_SETTING = 2;

/** The broker cannot start (or go on). Its message is the one line the operator reads. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
    this.exitCode = exitCode;
  }
}
