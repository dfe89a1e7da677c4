/**
 * The codec of the plain session: bytes to lines. No socket, no I/O.
 */
import { isUtf8 } from 'node:buffer';
import { HAS_NON_ASCII, lookAt } from '../../shared/memory/look.ts';
import { copyTextOf, Memory } from '../../shared/memory/memory.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from '../../shared/memory/spare-buffers.ts';
import type { Line } from '../../shared/wire/message.ts';

const LF = 10;
const CR = 13;
const FIRST_CARRY_BYTES = 256;
/** What is smaller than this would keep too much memory in a spare buffer. */
const SMALL_BYTES = SPARE_BYTES / 2;
const NOTHING = Buffer.alloc(0);
const NO_MEMORY: Memory = new Memory(new ArrayBuffer(0));

/**
 * What the reader finds next: a line at [start, end) of `bytes`, no whole line yet, or a reason to stop; then what
 * there is of the line stands there.
 */
export type LineResult = 'line' | 'more' | 'too long' | 'not utf-8';

/**
 * Cuts a stream of bytes, in whatever pieces it comes, into lines. A line ends with LF or CRLF, and neither counts.
 * A piece is fed, and then worked off by calls of `nextLine` until it answers 'more'.
 */
export class LineReader implements Line {
  /** Where the line that was found stands: valid until the next call. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  memory = NO_MEMORY;
  offset = 0;
  /** What may be in the line, as bits of look.ts: what there is in all that was read with it. */
  found = 0;

  readonly #home: Memory;
  #maxBytes: number;
  #chunk: Buffer = NOTHING;
  /** What is left of the piece at hand is [at, chunkEnd) of the chunk. */
  #at = 0;
  #chunkEnd = 0;
  #kept = false;
  /** The buffer that the piece at hand was copied to, if it is one to be used again. */
  #spare: Uint8Array | undefined;
  #carry: Buffer | undefined;
  #carried = 0;
  /** What there is in the piece at hand, and in those that the carry was read with. */
  #foundInPiece = 0;
  #foundInCarry = 0;
  /** Up to here the chunk's whole lines are known to be UTF-8, so that none needs a look of its own. */
  #validUntil = 0;

  /** @param home the memory that most pieces are in, of which a new view would be made for each otherwise */
  constructor(maxLineBytes: number, home = NO_MEMORY) {
    this.#maxBytes = maxLineBytes;
    this.#home = home;
  }

  /** Sets the limit for the lines to come, in bytes without the line's end. */
  limit(maxLineBytes: number): void {
    this.#maxBytes = maxLineBytes;
  }

  /**
   * Gives the next piece of the stream, the first `length` bytes of `chunk`; the one before must have been worked off.
   * It is kept as long as `nextLine` finds lines in it.
   */
  feed(chunk: Buffer, length = chunk.length): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#chunkEnd = length;
    this.#kept = false;
    this.#validUntil = 0;
    this.#foundInPiece = this.#look(chunk, length);
    this.found = this.#foundInPiece | this.#foundInCarry;
    if (this.#carried === 0) this.#validate();
  }

  /** One look at a piece costs what a look at one line does. */
  #look(chunk: Buffer, length: number): number {
    const { buffer, look } = this.#home;
    if (look === undefined || chunk.buffer !== buffer) return lookAt(chunk, 0, length);
    return look(chunk.byteOffset, length);
  }

  /** Copies what is left of the piece at hand, with the line found last: its bytes are about to be written over. */
  keep(): void {
    if (this.#kept) return;
    this.#kept = true;
    const from = this.bytes === this.#chunk ? this.start : this.#at;
    const length = this.#chunkEnd - from;
    const kept = this.#roomFor(length);
    copyTextOf(this.#chunk, from, kept, 0, length);
    if (this.bytes === this.#chunk) {
      this.#in(kept);
      this.start -= from;
      this.end -= from;
    }
    this.#chunk = kept;
    this.#at -= from;
    this.#chunkEnd -= from;
    this.#validUntil -= from;
  }

  /** Takes a copy of what is left of the piece at hand, which is worked off then. */
  takeRest(): Buffer {
    const rest = Buffer.from(this.#chunk.subarray(this.#at, this.#chunkEnd));
    this.#at = this.#chunkEnd;
    return rest;
  }

  #roomFor(length: number): Buffer {
    if (length > SPARE_BYTES || length < SMALL_BYTES) return Buffer.allocUnsafeSlow(length);
    this.#spare = takeSpare();
    return Buffer.from(this.#spare.buffer, 0, length);
  }

  /** Finds the next line. */
  nextLine(): LineResult {
    const lf = this.#at < this.#chunkEnd ? this.#chunk.indexOf(LF, this.#at) : -1;
    if (lf < 0 || lf >= this.#chunkEnd) return this.#keepRest();
    if (this.#carried > 0) return this.#joinCarried(lf);
    const start = this.#at;
    this.#at = lf + 1;
    return this.#found(this.#chunk, start, lf, lf < this.#validUntil);
  }

  /** The stream has ended: what stands before its end is a line too, unless it is empty. */
  lastLine(): LineResult {
    if (this.#carry === undefined || this.#carried === 0) return 'more';
    const carry = this.#carry;
    const end = this.#carried;
    this.#dropCarry();
    return this.#found(carry, 0, end, false, false);
  }

  #found(bytes: Buffer, start: number, lf: number, valid: boolean, terminated = true): LineResult {
    const end = terminated && lf > start && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (bytes !== this.bytes) this.#in(bytes);
    this.start = start;
    this.end = end;
    if (end - start > this.#maxBytes) return 'too long';
    return valid || isUtf8(bytes.subarray(start, end)) ? 'line' : 'not utf-8';
  }

  #in(bytes: Buffer): void {
    this.bytes = bytes;
    const { buffer } = bytes;
    if (buffer === this.#home.buffer) this.memory = this.#home;
    else if (buffer !== this.memory.buffer) this.memory = new Memory(buffer);
    this.offset = bytes.byteOffset;
  }

  /** So does one check of all its whole lines. */
  #validate(): void {
    if ((this.#foundInPiece & HAS_NON_ASCII) === 0) {
      this.#validUntil = this.#chunkEnd;
      return;
    }
    const lastLf = this.#chunk.lastIndexOf(LF, this.#chunkEnd - 1);
    if (lastLf > this.#at && isUtf8(this.#chunk.subarray(this.#at, lastLf))) this.#validUntil = lastLf + 1;
  }

  #joinCarried(lf: number): LineResult {
    this.#append(this.#at, lf);
    this.#at = lf + 1;
    this.#validate();
    const carry = this.#carry as Buffer;
    const end = this.#carried;
    this.#dropCarry();
    return this.#found(carry, 0, end, (this.found & HAS_NON_ASCII) === 0);
  }

  #keepRest(): LineResult {
    this.#append(this.#at, this.#chunkEnd);
    this.#chunk = NOTHING; // an idle session must not pin its last chunk
    this.#chunkEnd = 0;
    if (this.#spare !== undefined) this.#giveSpare(this.#spare);
    this.#at = 0;
    // One byte more may be the CR of a line that fits.
    const mayEndInCr = this.#carried === this.#maxBytes + 1 && this.#carry?.[this.#carried - 1] === CR;
    if (this.#carry === undefined || this.#carried <= this.#maxBytes || mayEndInCr) return 'more';
    this.#in(this.#carry);
    this.start = 0;
    this.end = this.#carried;
    return 'too long';
  }

  #giveSpare(spare: Uint8Array): void {
    this.#spare = undefined;
    this.bytes = NOTHING;
    this.memory = NO_MEMORY;
    giveSpare(spare);
  }

  #append(from: number, to: number): void {
    const length = Math.min(to - from, this.#maxBytes + 2 - this.#carried);
    if (length <= 0) return;
    this.#foundInCarry |= this.#foundInPiece;
    const needed = this.#carried + length;
    if (this.#carry === undefined || this.#carry.length < needed) {
      const size = Math.max(needed, FIRST_CARRY_BYTES, Math.min(this.#carried * 2, this.#maxBytes + 2));
      const larger = Buffer.allocUnsafeSlow(size);
      this.#carry?.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    copyTextOf(this.#chunk, from, this.#carry, this.#carried, length);
    this.#carried = needed;
  }

  #dropCarry(): void {
    this.#carry = undefined;
    this.#carried = 0;
    this.#foundInCarry = 0;
  }
}
