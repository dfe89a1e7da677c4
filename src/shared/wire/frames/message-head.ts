/**
 * What a program said of its message beside the body, in the frame (src/protocol/program-message.ts). It begins with
 * the id and ends with the time at which the message expires, if it has these. Shards read it without parsing it.
 */
import { BODY_OFFSET, EXPIRES } from './frames.ts';

const TAB = 9;
const ZERO = 0x30;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ID_BEGINS = Buffer.from('"id":"');
const NINE = 0x39;
/** What is behind the digits of the time: a comma, and the tab before the body. */
const BEHIND_BYTES = 2;
/** The time of a message that is delivered however late. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * @returns the place behind the id in a message at [start, end) of `bytes`; undefined if the message begins with none
 */
export function idEndOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (let i = 0; i < ID_BEGINS.length; i++) if (bytes[start + i] !== ID_BEGINS[i]) return undefined;
  for (let at = start + ID_BEGINS.length; at < end; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return undefined;
}

/**
 * @returns the place of the body in a message at [start, end) of `bytes`. A message without a tab is all body: only a
 *   damaged store could have one.
 */
export function bodyStartOf(bytes: Uint8Array, start: number, end: number): number {
  const tab = bytes.indexOf(TAB, start);
  return tab < 0 || tab >= end ? start : tab + 1;
}

/** @returns the time at which a message expires, as it ends what was said of it. @param seconds since 1970, whole */
export function expiryText(seconds: number): string {
  return `"expires":${seconds},`;
}

/**
 * @param body the word FRAME_BODY of the header of a frame that is at [at, at + length) of `bytes`
 * @returns the time from which on it need not be delivered, in seconds since 1970; NEVER if there is none
 */
export function expiryOf(body: number, bytes: Uint8Array, at: number, length: number): number {
  if ((body & EXPIRES) === 0) return NEVER;
  const start = at + (body & BODY_OFFSET);
  const end = bodyStartOf(bytes, start, at + length) - BEHIND_BYTES;
  let seconds = 0;
  let unit = 1;
  for (let i = end - 1; i >= start && isDigit(bytes[i] as number); i--) {
    seconds += ((bytes[i] as number) - ZERO) * unit;
    unit *= 10;
  }
  return unit === 1 ? NEVER : seconds;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
