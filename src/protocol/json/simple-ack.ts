/** Reads an acknowledgement without parsing it, where it is written as nearly all are (simple-send.ts). */
import { isAt } from './simple-send.ts';

const BEGINS = Buffer.from('{"type":"ack","seq":');
const CLOSING_BRACE = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;
/** The digits of the greatest safe integer. */
const MOST_DIGITS = 16;

/** @returns the number in the line at [start, end) of `bytes`; undefined if it must be parsed */
export function simpleAck(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = start + BEGINS.length;
  const digits = end - 1 - first;
  if (digits < 1 || digits > MOST_DIGITS || bytes[end - 1] !== CLOSING_BRACE) return undefined;
  if (!isAt(bytes, start, BEGINS) || (bytes[first] === ZERO && digits > 1)) return undefined;
  let number = 0;
  for (let at = first; at < end - 1; at++) {
    const byte = bytes[at] as number;
    if (byte < ZERO || byte > NINE) return undefined;
    number = number * 10 + (byte - ZERO);
  }
  return Number.isSafeInteger(number) ? number : undefined;
}
