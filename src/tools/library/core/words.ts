/**
 * What the broker says, as it is read. It comes from outside, so nothing is taken to be there: a word that is missing
 * or of another kind reads as undefined or as what stands in its place.
 */

import { RefusedError } from '../errors.ts';
import { UNLIMITED } from '../waits/clock.ts';

/** One line of the broker. */
export type Words = Readonly<Record<string, unknown>>;

/** @returns undefined if the line is no JSON object */
export function readWords(line: string): Words | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    // What cannot be read is an answer too.
    return undefined;
  }
}

/** Whether a value has keys. */
export function isObject(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under a key, if there is one. */
export function textOrNone(words: Words, key: string): string | undefined {
  const value = words[key];
  return typeof value === 'string' ? value : undefined;
}

/** The text under a key, or an empty one. */
export function textIn(words: Words, key: string): string {
  return textOrNone(words, key) ?? '';
}

/** A limit that `welcome` says, or none. */
export function limitIn(welcome: Words, key: string): number {
  return (isObject(welcome.limits) ? numberIn(welcome.limits, key) : undefined) ?? UNLIMITED;
}

/** What an error of the broker says. */
export function refusalIn(words: Words): RefusedError {
  return new RefusedError(textIn(words, 'code'), textIn(words, 'message'), textIn(words, 'id'));
}

/** The number under a key. */
export function numberIn(words: Words, key: string): number | undefined {
  const value = words[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** @returns lines that say `words` with all of `names`, none longer than `maxBytes` if it has more than one of them */
export function linesOfNames(words: Words, names: readonly string[], maxBytes: number): string[] {
  if (names.length === 0) return [];
  const line = JSON.stringify({ ...words, names });
  if (names.length === 1 || bytesOf(line) <= maxBytes) return [line];
  const half = names.length >> 1;
  return [names.slice(0, half), names.slice(half)].flatMap((some) => linesOfNames(words, some, maxBytes));
}

const encoder = new TextEncoder();

/** The bytes of a text as UTF-8. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
