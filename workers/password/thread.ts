/** The task of a thread that checks passwords. */
import { isPassword, type StoredPassword } from '../../src/session/auth/accounts/password.ts';

/** One check. The password is wiped after it. */
export interface PasswordTask {
  readonly password: Uint8Array;
  readonly stored: StoredPassword;
}

export default function check({ password, stored }: PasswordTask): boolean {
  try {
    return isPassword(password, stored);
  } finally {
    password.fill(0);
  }
}
