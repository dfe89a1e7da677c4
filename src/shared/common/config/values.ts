/** The kinds of values of settings: each is read from the text that an operator writes, and says what it may be. */
import { z } from 'zod';
import { isAddressOrNetwork } from '../../visitors/address-list.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A whole number. */
export function whole(min: number, max: number) {
  const says = `a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, says)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

/** A size in bytes, which may have a unit. */
export function size(min: number, max: number) {
  const says = `a size from ${min} to ${max} bytes, such as 4096, 64KiB, 16MiB or 1GiB`;
  return z
    .string()
    .regex(/^\d{1,15}(KiB|MiB|GiB)?$/, says)
    .transform((text) => Number.parseInt(text, 10) * (UNITS[text.replace(/^\d+/, '')] as number))
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

/** A limit that can be switched off by the word `unlimited`; 0 never does that. */
export function liftable<T extends z.ZodType<number, string>>(limit: T) {
  return z.union([z.literal('unlimited').transform(() => Number.POSITIVE_INFINITY), limit]);
}

/** A list of origins as browsers say them, such as `https://chat.example`; `none` is an empty one. */
export function origins() {
  const says = 'origins such as https://chat.example or http://host:8081, with commas between them, or none';
  return z
    .string()
    .transform((text): readonly string[] => (text === 'none' ? [] : text.split(',').map((each) => each.trim())))
    .refine((list) => list.every(isOrigin), { message: says, abort: true });
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** A list of addresses and networks; `none` is an empty one. */
export function addresses() {
  const says = 'addresses or networks such as 10.0.0.7, 10.0.0.0/8 or fd00::/8, with commas between them, or none';
  return z
    .string()
    .transform((text): readonly string[] => (text === 'none' ? [] : text.split(',').map((each) => each.trim())))
    .refine((list) => list.every(isAddressOrNetwork), { message: says, abort: true });
}

/** A time, to the millisecond. */
export function seconds(min: number, max: number) {
  const says = `a number of seconds from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}(\.\d{1,3})?$/, says)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

/** One of several words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, `one of ${words.join(', ')}`);
}

/** A token that a header can have, and that nobody guesses soon. */
export const TOKEN = /^[\x21-\x7e]{8,512}$/;
const TOKEN_SAYS = '8 to 512 visible ASCII characters';

/** A token as it is put into a header; `none` is none. */
export function token() {
  return z.union([z.literal('none').transform(() => undefined), z.string().regex(TOKEN, TOKEN_SAYS)]);
}

/** The name of a file, or `none`. */
export function file() {
  return z.string().min(1, 'the name of a file, or none');
}

/** Patterns of names, as who may be written to; `none` is nobody. */
export function patterns() {
  const says = 'names such as alice, team-* or *, with commas between them, or none';
  return z
    .string()
    .transform((text): readonly string[] => (text === 'none' ? [] : text.split(',').map((each) => each.trim())))
    .refine((list) => list.every((each) => /^[^*:\n]+\*?$|^\*$/.test(each)), { message: says, abort: true });
}

/** A text; `none` is an empty one. */
export function text() {
  return z.string().transform((given) => (given === 'none' ? '' : given));
}

/** An address of keys, which must not be changed on its way. It is shown, and `fetch` takes none with a password. */
export function keysAddress() {
  const says = 'an address without a user that begins with https://, or with http:// on this machine, or none';
  return text().refine((given) => given === '' || isKeysAddress(given), { message: says, abort: true });
}

function isKeysAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}
