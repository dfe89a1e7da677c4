/**
 * The codec of the plain session: bytes to lines, and a line to its destinations and message. No socket, no I/O.
 */
import { isUtf8 } from 'node:buffer';
import { hashName, shardOf } from './channel/hash.ts';
import { copyTextOf, Memory } from './channel/memory.ts';
import type { Body, Destinations, Line } from './channel/message.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from './channel/spares.ts';

const LF = 10;
const CR = 13;
const COMMA = 44;
export const COLON = 58;
const FIRST_CARRY_BYTES = 256;
/** A chunk like this, most often one line, is looked at here sooner than by a call into Node. */
const SHORT_CHUNK_BYTES = 256;
/** What is smaller than this would keep too much memory in a spare buffer. */
const SMALL_BYTES = SPARE_BYTES / 2;
const NOTHING = Buffer.alloc(0);
const NO_MEMORY: Memory = new Memory(new ArrayBuffer(0));

/** What the reader finds next: a line at [start, end) of `bytes`, no whole line yet, or a reason to stop. */
export type LineResult = 'line' | 'more' | 'too long' | 'not utf-8';

/**
 * Cuts a stream of bytes, in whatever pieces it comes, into lines. A line ends with LF or CRLF, and neither counts.
 * A piece is fed, and then worked off by calls of `next` until it answers 'more'.
 */
export class LineReader implements Line {
  /** Where the line that was found stands: valid until the next call. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  memory = NO_MEMORY;
  offset = 0;

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
   * Gives the next piece of the stream, the first `length` bytes of `chunk`; the one before must have been worked off. It is
   * kept as long as `next` finds lines in it.
   */
  feed(chunk: Buffer, length = chunk.length): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#chunkEnd = length;
    this.#kept = false;
    this.#validUntil = 0;
    if (this.#carried === 0) this.#validate();
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
  next(): LineResult {
    const lf = this.#at < this.#chunkEnd ? this.#chunk.indexOf(LF, this.#at) : -1;
    if (lf < 0 || lf >= this.#chunkEnd) return this.#keepRest();
    if (this.#carried > 0) return this.#joinCarried(lf);
    const start = this.#at;
    this.#at = lf + 1;
    return this.#found(this.#chunk, start, lf, lf < this.#validUntil);
  }

  /** The stream has ended: what stands before its end is a line too, unless it is empty. */
  finish(): LineResult {
    if (this.#carry === undefined || this.#carried === 0) return 'more';
    const carry = this.#carry;
    const end = this.#carried;
    this.#dropCarry();
    return this.#found(carry, 0, end, false, false);
  }

  #found(bytes: Buffer, start: number, lf: number, valid: boolean, terminated = true): LineResult {
    const end = terminated && lf > start && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (end - start > this.#maxBytes) return 'too long';
    if (!valid && !isUtf8(bytes.subarray(start, end))) return 'not utf-8';
    if (bytes !== this.bytes) this.#in(bytes);
    this.start = start;
    this.end = end;
    return 'line';
  }

  #in(bytes: Buffer): void {
    this.bytes = bytes;
    const { buffer } = bytes;
    if (buffer === this.#home.buffer) this.memory = this.#home;
    else if (buffer !== this.memory.buffer) this.memory = new Memory(buffer);
    this.offset = bytes.byteOffset;
  }

  /** One look at all whole lines of a chunk costs what one look at one line does. */
  #validate(): void {
    if (this.#chunkEnd - this.#at <= SHORT_CHUNK_BYTES && this.#isAscii()) {
      this.#validUntil = this.#chunkEnd;
      return;
    }
    const lastLf = this.#chunk.lastIndexOf(LF, this.#chunkEnd - 1);
    if (lastLf > this.#at && isUtf8(this.#chunk.subarray(this.#at, lastLf))) this.#validUntil = lastLf + 1;
  }

  #isAscii(): boolean {
    let bits = 0;
    for (let i = this.#at; i < this.#chunkEnd; i++) bits |= this.#chunk[i] as number;
    return bits < 0x80;
  }

  #joinCarried(lf: number): LineResult {
    this.#append(this.#at, lf);
    this.#at = lf + 1;
    this.#validate();
    const carry = this.#carry as Buffer;
    const end = this.#carried;
    this.#dropCarry();
    return this.#found(carry, 0, end, false);
  }

  #keepRest(): LineResult {
    this.#append(this.#at, this.#chunkEnd);
    this.#chunk = NOTHING; // an idle session must not pin its last chunk
    this.#chunkEnd = 0;
    if (this.#spare !== undefined) this.#giveSpare(this.#spare);
    this.#at = 0;
    // One byte more may be the CR of a line that fits.
    const mayEndInCr = this.#carried === this.#maxBytes + 1 && this.#carry?.[this.#carried - 1] === CR;
    return this.#carried > this.#maxBytes && !mayEndInCr ? 'too long' : 'more';
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
  }
}

/** The place of the first comma or colon in [start, end), or -1. */
export function firstSeparator(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === COMMA || byte === COLON) return i;
  }
  return -1;
}

/** What splitting a line has found: names and a message, nothing to anybody, or more names than a line may have. */
export type SplitResult = 'split' | 'no colon' | 'too many names';

/** A line `name, name: message`, split: where its destinations and its message stand in the line's bytes. */
export class AddressedLine implements Destinations, Body {
  count = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  shards = new Int32Array(64);
  bodyStart = 0;
  bodyEnd = 0;
  readonly #shardCount: number;
  readonly #maxNames: number;

  /** @param maxNames names that one line may have */
  constructor(shardCount: number, maxNames = Number.POSITIVE_INFINITY) {
    this.#shardCount = shardCount;
    this.#maxNames = maxNames;
  }

  /** Takes the line at [start, end) of `bytes` with one destination, which stands before the colon at `colon`. */
  toOne(bytes: Uint8Array, start: number, colon: number, end: number): void {
    this.count = 0;
    this.#add(bytes, start, colon);
    this.bodyStart = trimStart(bytes, colon + 1, end);
    this.bodyEnd = trimEnd(bytes, this.bodyStart, end);
  }

  /**
   * Splits the line at [start, end) of `bytes` at its first colon, and what stands before at its commas; every part
   * is trimmed of white space. A line of too many names costs no more than one of as many as are allowed.
   */
  split(bytes: Uint8Array, start: number, end: number): SplitResult {
    this.count = 0;
    let from = start;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (byte === COMMA) {
        if (this.count >= this.#maxNames - 1) return hasColon(bytes, i, end) ? 'too many names' : 'no colon';
        this.#add(bytes, from, i);
        from = i + 1;
      } else if (byte === COLON) {
        this.#add(bytes, from, i);
        this.bodyStart = trimStart(bytes, i + 1, end);
        this.bodyEnd = trimEnd(bytes, this.bodyStart, end);
        return 'split';
      }
    }
    return 'no colon';
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    const at = this.count++;
    if (at === this.starts.length) this.#grow();
    const start = from < to && isPlain(bytes[from] as number) ? from : trimStart(bytes, from, to);
    const end = start < to && isPlain(bytes[to - 1] as number) ? to : trimEnd(bytes, start, to);
    this.starts[at] = start;
    this.ends[at] = end;
    this.shards[at] = this.#shardCount === 1 ? 0 : shardOf(hashName(bytes, start, end), this.#shardCount);
  }

  #grow(): void {
    const grown = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.shards = grown(this.shards);
  }
}

function hasColon(bytes: Uint8Array, start: number, end: number): boolean {
  const colon = bytes.indexOf(COLON, start);
  return colon >= 0 && colon < end;
}

/** Whether a byte is neither white space nor a part of any: most parts of most lines have nothing to trim. */
function isPlain(byte: number): boolean {
  return byte > 0x20 && byte < 0x80;
}

/** The first place in [start, end) that is no white space, or `end`. */
export function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const size = whiteSpaceAt(bytes, at, end);
    if (size === 0) break;
    at += size;
  }
  return at;
}

/** The place behind the last one in [start, end) that is no white space, or `start`. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    const byte = bytes[at - 1] as number;
    if (byte < 0x80) {
      if (!isAsciiWhiteSpace(byte)) break;
      at -= 1;
    } else if (at - start >= 2 && whiteSpaceAt(bytes, at - 2, at) === 2) at -= 2;
    else if (at - start >= 3 && whiteSpaceAt(bytes, at - 3, at) === 3) at -= 3;
    else break;
  }
  return at;
}

function isAsciiWhiteSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/**
 * The length of the white space character at `at`, or 0. White space is Unicode's property White_Space
 * (PropList.txt), which is not what JavaScript trims: U+0085 is in it, U+FEFF is not.
 */
function whiteSpaceAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return isAsciiWhiteSpace(first) ? 1 : 0;
  const second = at + 1 < end ? bytes[at + 1] : 0;
  if (first === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0; // U+0085, U+00A0
  const third = at + 2 < end ? (bytes[at + 2] as number) : 0;
  if (first === 0xe1) return second === 0x9a && third === 0x80 ? 3 : 0; // U+1680
  if (first === 0xe3) return second === 0x80 && third === 0x80 ? 3 : 0; // U+3000
  if (first !== 0xe2) return 0;
  if (second === 0x80) {
    // U+2000 to U+200A, U+2028, U+2029, U+202F
    return (third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf ? 3 : 0;
  }
  return second === 0x81 && third === 0x9f ? 3 : 0; // U+205F
}

/** Whether a line can name this name: it survives being split at commas and the colon, and being trimmed. */
export function isAddressable(name: Uint8Array): boolean {
  if (name.includes(COMMA) || name.includes(COLON)) return false;
  return trimStart(name, 0, name.length) === 0 && trimEnd(name, 0, name.length) === name.length;
}
