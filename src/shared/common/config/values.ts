/** The kinds of values of settings: each is read from the text that an operator writes, and says what it may be. */
import { z } from 'zod';

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
