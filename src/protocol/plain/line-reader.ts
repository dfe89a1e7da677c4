/** Cuts bytes into lines. No socket, no I/O. */
import { isUtf8 } from 'node:buffer';
import { HAS_NON_ASCII, lookAt } from '../../shared/memory/look.ts';
import { copyTextOf, Memory, NO_MEMORY } from '../../shared/memory/memory.ts';
import { NO_PLACES, type PieceBuffers } from '../../shared/memory/piece-buffers.ts';
import type { Line } from '../../shared/wire/message.ts';

const LF = 10;
const CR = 13;
const FIRST_CARRY_BYTES = 256;
const NOTHING = Buffer.alloc(0);

/**
 * The result of a look for the next line: a line, no whole line yet (`more`), or why the stream is invalid. The line,
 * or as much of it as was read, is at [start, end) of `bytes`.
 */
export type LineResult = 'line' | 'more' | 'too long' | 'not utf-8';

/**
 * Cuts a stream of bytes into lines, in whatever pieces the stream arrives. A line ends with LF or CRLF, which is no
 * part of it. A piece is fed, and then `nextLine` is called until it returns `more`.
 */
export class LineReader implements Line {
  /** Where the line that was found is, until the next call. */
  bytes: Buffer = NOTHING;
  start = 0;
  end = 0;
  memory = NO_MEMORY;
  offset = 0;
  /**
   * What may be in the line, as bits of look.ts. The bits are of the whole piece, so they can say more than is true of
   * the line.
   */
  found = 0;

  readonly #home: Memory;
  readonly #places: PieceBuffers;
  #maxBytes: number;
  #chunk: Buffer = NOTHING;
  /** The rest of the current piece is [at, chunkEnd) of the chunk. */
  #at = 0;
  #chunkEnd = 0;
  #kept = false;
  /** What the current piece was copied to; undefined if it was not. */
  #place: Uint8Array | undefined;
  /** The beginning of a line whose end has not been read: `#carried` bytes. */
  #carry: Buffer | undefined;
  #carried = 0;
  /** The bits of the current piece, and of all pieces that the carry was copied from. */
  #foundInPiece = 0;
  #foundInCarry = 0;
  /** All whole lines of the chunk before this place are known to be UTF-8, so none is checked again. */
  #validUntil = 0;

  /**
   * @param home the memory in which most pieces lie; it saves a new Memory object for each of them
   * @param places for pieces that are kept
   */
  constructor(maxLineBytes: number, home = NO_MEMORY, places = NO_PLACES) {
    this.#maxBytes = maxLineBytes;
    this.#home = home;
    this.#places = places;
  }

  /** Sets the longest line from now on, in bytes without its end. */
  limit(maxLineBytes: number): void {
    this.#maxBytes = maxLineBytes;
  }

  /**
   * Feeds the next piece of the stream. The piece before must have been processed.
   * @param chunk the piece; the reader refers to it until `nextLine` finds no more lines in it
   * @param length how many bytes of `chunk` the piece has
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

  /** The bits of a piece. A look at a whole piece takes no longer than a look at one line would. */
  #look(chunk: Buffer, length: number): number {
    const { buffer, look } = this.#home;
    if (look === undefined || chunk.buffer !== buffer) return lookAt(chunk, 0, length);
    return look(chunk.byteOffset, length);
  }

  /** Copies the last line and the rest of the piece, because the buffer of the piece is about to be overwritten. */
  keep(): void {
    if (this.#kept) return;
    this.#kept = true;
    const from = this.bytes === this.#chunk ? this.start : this.#at;
    const length = this.#chunkEnd - from;
    this.#place = this.#places.copy(this.#chunk, from, length);
    const kept = Buffer.from(this.#place.buffer, this.#place.byteOffset, length);
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

  /** Takes the rest of the piece, which counts as processed then, and is wiped: it may have a proof. @returns a copy */
  takeRest(): Buffer {
    const piece = this.#chunk.subarray(this.#at, this.#chunkEnd);
    const rest = Buffer.from(piece);
    piece.fill(0);
    this.#at = this.#chunkEnd;
    this.#giveBack();
    return rest;
  }

  /** Nothing more is read. Gives back what the reader keeps. */
  release(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#chunkEnd = 0;
    this.#kept = true;
    this.#giveBack();
  }

  /** Finds the next line. @returns what was found */
  nextLine(): LineResult {
    const lf = this.#at < this.#chunkEnd ? this.#chunk.indexOf(LF, this.#at) : -1;
    if (lf < 0 || lf >= this.#chunkEnd) return this.#keepRest();
    if (this.#carried > 0) return this.#joinCarried(lf);
    const start = this.#at;
    this.#at = lf + 1;
    return this.#found(this.#chunk, start, lf, lf < this.#validUntil);
  }

  /** Finds the last line of a stream that has ended: the rest without an LF, unless it is empty. */
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

  /** Checks all whole lines of the piece at once, which takes no longer than to check one. */
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
    this.#chunk = NOTHING; // otherwise an idle session would pin its last chunk
    this.#chunkEnd = 0;
    this.#giveBack();
    this.#at = 0;
    // The one byte over the limit may be the CR of a line that is not too long.
    const mayEndInCr = this.#carried === this.#maxBytes + 1 && this.#carry?.[this.#carried - 1] === CR;
    if (this.#carry === undefined || this.#carried <= this.#maxBytes || mayEndInCr) return 'more';
    this.#in(this.#carry);
    this.start = 0;
    this.end = this.#carried;
    return 'too long';
  }

  #giveBack(): void {
    const place = this.#place;
    if (place === undefined) return;
    this.#place = undefined;
    this.bytes = NOTHING;
    this.memory = NO_MEMORY;
    this.#places.give(place);
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
