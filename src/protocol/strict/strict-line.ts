/**
 * Rewrites lines with STRICT=on: destinations become NFC, as names are, and control characters of the message get
 * stand-ins. Most lines need neither, which the bits of look.ts tell for a whole piece at once.
 */
import { HAS_CONTROL, HAS_LEAD, HAS_NON_ASCII } from '../../shared/memory/look.ts';
import { Memory, NO_MEMORY } from '../../shared/memory/memory.ts';
import type { Line } from '../../shared/wire/message.ts';
import { COLON, COMMA, trimEnd, trimStart } from '../plain/addressed-line.ts';
import { needsStandIn, putShown, shownLength } from './stand-ins.ts';
import { normalized } from './strict-name.ts';

/** A longer line gets memory of its own, which is freed after it. */
const KEPT_BYTES = 64 * 1024;
/** A character of UTF-8 that begins with a lower byte (up to U+02FF) is in NFC, whatever stands beside it. */
const FIRST_TO_NORMALIZE = 0xcc;

/** The line that was rewritten last. All sessions share one, because a line is routed before the next is read. */
export class StrictLine implements Line {
  bytes: Uint8Array = new Uint8Array(0);
  readonly start = 0;
  end = 0;
  memory: Memory = NO_MEMORY;
  readonly offset = 0;
  readonly #maxLineBytes: number;
  readonly #maxNameBytes: number;
  #kept: Memory | undefined;

  constructor(maxLineBytes: number, maxNameBytes: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#maxNameBytes = maxNameBytes;
  }

  /**
   * Rewrites a line, if it has to be.
   * @param found what may be in the line, as bits of look.ts
   * @returns `line` if it needs no change; this object, valid until the next call, if it does; undefined if it would be
   *   longer than a line may be
   */
  of(line: Line, found: number): Line | undefined {
    const { bytes, start, end } = line;
    const colon = indexWithin(bytes, COLON, start, end);
    if (colon === end) return line;
    const names = (found & HAS_NON_ASCII) === 0 ? undefined : this.#normalized(bytes, start, colon);
    const mayNeedStandIns = (found & (HAS_CONTROL | HAS_LEAD)) !== 0;
    const bodyStart = trimStart(bytes, colon + 1, end);
    const bodyEnd = trimEnd(bytes, bodyStart, end);
    if (names === undefined && !(mayNeedStandIns && needsStandIn(bytes, bodyStart, bodyEnd))) return line;
    return this.#rewrite(bytes, names ?? bytes.subarray(start, colon), bodyStart, bodyEnd);
  }

  #rewrite(bytes: Uint8Array, names: Uint8Array, bodyStart: number, bodyEnd: number): this | undefined {
    const length = names.length + 1 + shownLength(bytes, bodyStart, bodyEnd);
    if (length > this.#maxLineBytes) return undefined;
    this.memory = this.#memoryOf(length);
    this.bytes = this.memory.bytes;
    this.bytes.set(names);
    this.bytes[names.length] = COLON;
    this.end = putShown(bytes, bodyStart, bodyEnd, this.bytes, names.length + 1);
    return this;
  }

  #memoryOf(length: number): Memory {
    if (length > KEPT_BYTES) return new Memory(new ArrayBuffer(length));
    this.#kept ??= new Memory(new ArrayBuffer(KEPT_BYTES));
    return this.#kept;
  }

  /** @returns the destinations in [start, colon) as NFC; undefined if they are NFC already */
  #normalized(bytes: Uint8Array, start: number, colon: number): Uint8Array | undefined {
    if (!mayNotBeNfc(bytes, start, colon)) return undefined;
    const parts: Uint8Array[] = [];
    let done = start;
    for (let from = start; from < colon; ) {
      const to = indexWithin(bytes, COMMA, from, colon);
      const normal = mayNotBeNfc(bytes, from, to)
        ? normalized(bytes.subarray(from, to), this.#maxNameBytes)
        : undefined;
      if (normal !== undefined) {
        parts.push(bytes.subarray(done, from), normal);
        done = to;
      }
      from = to + 1;
    }
    return parts.length === 0 ? undefined : Buffer.concat([...parts, bytes.subarray(done, colon)]);
  }
}

/**
 * @returns the first place of a byte in [start, end), or `end`. `indexOf` would search on behind `end`, perhaps far.
 */
function indexWithin(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return at;
}

function mayNotBeNfc(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) >= FIRST_TO_NORMALIZE) return true;
  return false;
}
