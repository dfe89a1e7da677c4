/** Tokens that prove a name, and the settings of a broker that takes them. */
import { SignJWT } from 'jose';

const SECRET = 'a secret of more than thirty-two bytes, for tests';

export const TAKES_JWT = { AUTH: 'names', AUTH_JWT_SECRET: SECRET };

/** A program's hello under a name that it proves. */
export async function provenHello(name: string): Promise<{ readonly name: string; readonly token: string }> {
  const jwt = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(name).setExpirationTime('1h');
  return { name, token: await jwt.sign(new TextEncoder().encode(SECRET)) };
}
