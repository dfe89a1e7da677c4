/** Splits a line of the plain protocol into destinations and message. No socket, no I/O. */
import type { DestinationSet, MessageText, Names } from '../../router/destination-set.ts';
import type { Placement } from '../../router/placement.ts';
import { NO_MEMORY } from '../../shared/memory/memory.ts';
import { NO_MESSAGE_ID } from '../../shared/wire/events.ts';
import type { Line } from '../../shared/wire/message.ts';

export const COMMA = 44;
export const COLON = 58;

/** @returns the place of the first comma or colon in [start, end), or -1 */
export function firstSeparator(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === COMMA || byte === COLON) return i;
  }
  return -1;
}

/** The result of a split. `no colon` is a line that names nobody. */
export type SplitResult = 'split' | 'no colon' | 'too many names';

const NO_LINE: Line = { bytes: NO_MEMORY.bytes, start: 0, end: 0, memory: NO_MEMORY, offset: 0 };

/**
 * A line `name, name: message`, as places of its names and its message in the bytes of the line. A split finds the
 * shard of each name too, while its bytes are in the cache of the processor: a second pass would be slower.
 */
export class AddressedLine implements DestinationSet, Names, MessageText {
  line = NO_LINE;
  count = 0;
  /** The line is split again each time that it comes, so no route is kept. */
  readonly lasting = false;
  route: undefined;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  shards = new Int32Array(64);
  /** How many lines it has taken: as long as it takes no other, its names are those of the last. */
  lines = 0;
  bodyStart = 0;
  bodyEnd = 0;
  kind = 0;
  messageId = NO_MESSAGE_ID;
  readonly #placement: Placement;
  readonly #maxNames: number;

  /**
   * @param maxNames the most names that one line may have
   */
  constructor(placement: Placement, maxNames = Number.POSITIVE_INFINITY) {
    this.#placement = placement;
    this.#maxNames = maxNames;
  }

  names(): this {
    return this;
  }

  /** Sets the line to one with a single destination, which ends at `colon`. */
  toOne(line: Line, colon: number): void {
    this.count = 0;
    this.#add(line.bytes, line.start, colon);
    this.takeBody(line, colon);
  }

  /** Sets the message of a line to what follows `colon`, trimmed. */
  takeBody(line: Line, colon: number): void {
    const { bytes, end } = line;
    this.lines++;
    this.line = line;
    this.bodyStart = trimStart(bytes, colon + 1, end);
    this.bodyEnd = trimEnd(bytes, this.bodyStart, end);
  }

  /**
   * Splits a line at its first colon, and the part before it at its commas. Every part is trimmed of white space. A
   * line with too many names costs no more than one with as many as are allowed.
   */
  split(line: Line): SplitResult {
    const { bytes, start, end } = line;
    this.lines++; // also where it turns out to be no message
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
        this.takeBody(line, i);
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
    this.shards[at] = this.#placement.placeOf(bytes, start, end);
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

/** Whether a byte is certainly no part of white space: most names have nothing to trim. */
function isPlain(byte: number): boolean {
  return byte > 0x20 && byte < 0x80;
}

/** @returns the first place in [start, end) that is not white space, or `end` */
export function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const size = whiteSpaceAt(bytes, at, end);
    if (size === 0) break;
    at += size;
  }
  return at;
}

/** @returns the place after the last byte in [start, end) that is not white space, or `start` */
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
 * @returns the length of the white space character at `at`, in bytes; 0 if there is none. White space is Unicode's
 *   property White_Space (PropList.txt). JavaScript trims another set: U+0085 is white space here, U+FEFF is not.
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

/** Whether a line can have this name as a destination: a split at commas and a colon, and a trim, leave it as it is. */
export function isAddressable(name: Uint8Array): boolean {
  if (name.includes(COMMA) || name.includes(COLON)) return false;
  return trimStart(name, 0, name.length) === 0 && trimEnd(name, 0, name.length) === name.length;
}
