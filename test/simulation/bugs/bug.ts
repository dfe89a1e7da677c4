/** A deliberate bug: it replaces one piece of code in one file. */
export interface Bug {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly wrong: string;
}
