/**
 * The mail that is measured. Every body is 100 bytes: a number that rises by one for each pair of sender and recipient,
 * and text that does not compress. Senders are called `s00` to `s99`, so every delivered line has the same length, and
 * a reader can check number after number without a look for line ends.
 */
import { NOISE_BYTES, noise } from '../common/noise.ts';

export const BODY_BYTES = 100;
const NUMBER_DIGITS = 8;
const FILL_BYTES = BODY_BYTES - NUMBER_DIGITS;
const FRAME_PREFIX_BYTES = 'from s00: '.length;
const SENDER_AT = 'from s'.length;
/** A delivered line, its end included. */
export const FRAME_BYTES = FRAME_PREFIX_BYTES + BODY_BYTES + 1;
const LF = 10;
const ZERO = 48;
const MAX_SENDERS = 100;

export function senderName(index: number): string {
  return `s${String(index).padStart(2, '0')}`;
}

/** Names of one length: every line to one of them is as long as any other. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, '0')}`);
}

/** Lines to be sent, all of the same length. */
export interface Lines {
  readonly bytes: Buffer;
  readonly count: number;
  readonly lineBytes: number;
}

/**
 * `count` lines, to each of `recipients` in turn. The numbers begin at 0 for each recipient.
 * @param recipients names of one length
 */
export function buildLines(recipients: readonly string[], count: number): Lines {
  const heads = recipients.map((name) => Buffer.from(`${name}: `, 'latin1'));
  const frontBytes = heads[0]?.length ?? 0;
  const lineBytes = frontBytes + BODY_BYTES + 1;
  const bytes = Buffer.allocUnsafeSlow(count * lineBytes);
  let at = 0;
  for (let i = 0; i < count; i++) {
    heads[i % heads.length]?.copy(bytes, at);
    writeBody(bytes, at + frontBytes, Math.floor(i / heads.length), i);
    bytes[at + lineBytes - 1] = LF;
    at += lineBytes;
  }
  return { bytes, count, lineBytes };
}

function writeBody(bytes: Buffer, at: number, number: number, salt: number): void {
  let rest = number;
  for (let digit = at + NUMBER_DIGITS - 1; digit >= at; digit--) {
    bytes[digit] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  const from = (salt * 1_009) % (NOISE_BYTES - FILL_BYTES);
  noise.copy(bytes, at + NUMBER_DIGITS, from, from + FILL_BYTES);
}

/** Checks delivered lines as they come: each sender's numbers must rise by one, from 0. */
export class FrameCheck {
  /** Whole lines that came. */
  count = 0;
  /** What was wrong first; undefined while nothing was. */
  wrong: string | undefined;
  readonly #next = new Int32Array(MAX_SENDERS);
  readonly #cycle: number;
  readonly #carry = Buffer.alloc(FRAME_BYTES);
  #carried = 0;

  /** @param cycle how many numbers there are before they begin at 0 again */
  constructor(cycle = 10 ** NUMBER_DIGITS) {
    this.#cycle = cycle;
  }

  /** Takes the next bytes of the stream; they may be written over afterwards. */
  feed(bytes: Buffer): void {
    let at = 0;
    if (this.#carried > 0) {
      at = bytes.copy(this.#carry, this.#carried, 0, FRAME_BYTES - this.#carried);
      this.#carried += at;
      if (this.#carried < FRAME_BYTES) return;
      this.#frame(this.#carry, 0);
      this.#carried = 0;
    }
    for (; at + FRAME_BYTES <= bytes.length; at += FRAME_BYTES) this.#frame(bytes, at);
    this.#carried = bytes.copy(this.#carry, 0, at);
  }

  #frame(bytes: Buffer, at: number): void {
    const sender = digits(bytes, at + SENDER_AT, 2);
    const number = digits(bytes, at + FRAME_PREFIX_BYTES, NUMBER_DIGITS);
    const expected = this.#next[sender];
    const sound = bytes[at] === 0x66 && bytes[at + FRAME_BYTES - 1] === LF && number === expected;
    if (!sound && this.wrong === undefined) {
      const line = JSON.stringify(bytes.toString('latin1', at, at + FRAME_BYTES));
      this.wrong = `number ${expected} of sender ${sender} was to come, and ${line} came`;
    }
    this.#next[sender] = (number + 1) % this.#cycle;
    this.count++;
  }
}

function digits(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}
