/**
 * What is stored of a password: its scrypt hash with the parameters and the salt, in the form `$scrypt$ln=15,r=8,p=1$
 * SALT$HASH` (the PHC string format). Parameters of an older hash stay valid when the default rises.
 */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** The bytes of a password, after NFC. */
export const MIN_PASSWORD_BYTES = 8;
export const MAX_PASSWORD_BYTES = 1_024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** How much work a hash is: it takes `128 * 2^ln * r` bytes of memory, `p` times one after another. */
interface Parameters {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, and some 0.1 s. */
const DEFAULT: Parameters = { ln: 15, r: 8, p: 1 };
/** A hash in a file may ask for no more memory and no more rounds, so that the file cannot stop the broker. */
export const MAX_HASH_BYTES = 64 * 1024 * 1024;
const MAX_ROUNDS = 8;
const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{22,88})$/;

/** A stored password, read. */
export interface StoredPassword extends Parameters {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** @returns undefined if it is no stored password, or would take too much */
export function readStored(text: string): StoredPassword | undefined {
  const found = STORED.exec(text);
  if (found === null) return undefined;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = found;
  const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isSmall = memoryOf(parameters) <= MAX_HASH_BYTES && parameters.p <= MAX_ROUNDS;
  if (!isSmall || parameters.ln < 1 || parameters.r < 1 || parameters.p < 1) return undefined;
  return { ...parameters, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** A password that nobody has. To check against it takes as long as against any new one. */
export const NOBODYS: StoredPassword = { ...DEFAULT, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };

/** Whether a password is the stored one. This takes its time, in the thread that asks. */
export function isPassword(password: Uint8Array, stored: StoredPassword): boolean {
  return timingSafeEqual(hashOf(password, stored.salt, stored.hash.length, stored), stored.hash);
}

/** @returns what is stored of a password */
export function storedPassword(password: Uint8Array): string {
  const salt = randomBytes(SALT_BYTES);
  const hash = hashOf(password, salt, HASH_BYTES, DEFAULT);
  const { ln, r, p } = DEFAULT;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** A password as it is hashed: two ways to type the same character are one (RFC 8265). */
export function normalPassword(password: Uint8Array): Uint8Array {
  if (password.every((byte) => byte < 0x80)) return password;
  return Buffer.from(Buffer.from(password).toString().normalize('NFC'));
}

function hashOf(password: Uint8Array, salt: Uint8Array, length: number, { ln, r, p }: Parameters): Buffer {
  return scryptSync(password, salt, length, { N: 2 ** ln, r, p, maxmem: 2 * MAX_HASH_BYTES });
}

function memoryOf({ ln, r }: Parameters): number {
  return 128 * 2 ** ln * r;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
