/**
 * What every message says: its sender, its number among the sender's messages, when it was sent, and text that follows
 * from these three, so that none of them can change unseen. Six bits a byte, all of it printable: the plain session
 * wants lines of UTF-8 without white space at their ends, and a JSON text has no bare backslash.
 */
import { NOISE_BYTES, noise } from '../../common/noise.ts';

const SENDER_AT = 0;
const NUMBER_AT = 3;
const TIME_AT = 8;
const STAMP_BYTES = 14;
export const MIN_PAYLOAD_BYTES = 16;
export const MAX_PAYLOAD_BYTES = 60_000;

const FIRST_DIGIT = 48;
/** This digit would be a backslash. The one behind the last stands for it. */
const BACKSLASH = 92;
const INSTEAD = FIRST_DIGIT + 64;
const HALF = 2 ** 18;
/** Times that differ in one byte have different remainders. */
const TIME_PRIME = 999_983;
/** Times are in tenths of a microsecond. */
const TICKS_PER_MS = 10_000;
const NS_PER_TICK = 100;

/**
 * A moment as it is written into a message.
 * @param nowMs since the start of this process
 */
export function ticks(nowMs: number): number {
  return Math.round(nowMs * TICKS_PER_MS);
}

/** What a time of ticks is for the histogram. */
export function nanoseconds(ticks: number): number {
  return ticks * NS_PER_TICK;
}

/** Writes a whole payload of `length` bytes at `at`. */
export function writePayload(
  bytes: Buffer,
  at: number,
  length: number,
  sender: number,
  number: number,
  time: number,
): void {
  writeDigits(bytes, at + SENDER_AT, 3, sender);
  writeDigits(bytes, at + NUMBER_AT, 5, number);
  writeDigits(bytes, at + TIME_AT, 3, Math.floor(time / HALF));
  writeDigits(bytes, at + TIME_AT + 3, 3, time % HALF);
  const from = fillFrom(sender, number, time);
  noise.copy(bytes, at + STAMP_BYTES, from, from + length - STAMP_BYTES);
}

/** Who a payload says has sent it; a payload that was changed may say any number. */
export function senderOf(bytes: Buffer, at: number): number {
  return digits(bytes, at + SENDER_AT, 3);
}

/** Its number among its sender's messages. */
export function numberOf(bytes: Buffer, at: number): number {
  return digits(bytes, at + NUMBER_AT, 5);
}

/** When it was sent. */
export function timeOf(bytes: Buffer, at: number): number {
  return digits(bytes, at + TIME_AT, 3) * HALF + digits(bytes, at + TIME_AT + 3, 3);
}

/** Whether what follows the stamp is what this sender wrote into this message. */
export function fillIsSound(
  bytes: Buffer,
  at: number,
  length: number,
  sender: number,
  number: number,
  time: number,
): boolean {
  const from = fillFrom(sender, number, time);
  return bytes.compare(noise, from, from + length - STAMP_BYTES, at + STAMP_BYTES, at + length) === 0;
}

function fillFrom(sender: number, number: number, time: number): number {
  return (sender * 8_191 + number * 131 + (time % TIME_PRIME) * 17) % (NOISE_BYTES - MAX_PAYLOAD_BYTES);
}

function writeDigits(bytes: Buffer, at: number, count: number, value: number): void {
  for (let i = at + count - 1, rest = value; i >= at; i--, rest >>= 6) {
    const digit = FIRST_DIGIT + (rest & 63);
    bytes[i] = digit === BACKSLASH ? INSTEAD : digit;
  }
}

function digits(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i] as number;
    value = (value << 6) + (digit === INSTEAD ? BACKSLASH : digit) - FIRST_DIGIT;
  }
  return value;
}
