/** What is counted of logins and of what they allow. */

/** How a login went: with what it was let in, or why not. */
export type LoginResult =
  | 'password'
  | 'token'
  | 'jwt'
  | 'certificate'
  | 'unproved'
  | 'required'
  | 'failed'
  | 'limited'
  | 'busy'
  | 'withdrawn';

export class AuthCounts {
  readonly logins = new Map<LoginResult, number>();
  /** Messages that were refused for a name, because their sender may not write to it. */
  forbidden = 0;

  count(result: LoginResult): void {
    this.logins.set(result, (this.logins.get(result) ?? 0) + 1);
  }
}
