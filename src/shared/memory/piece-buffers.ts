/**
 * Places in the arena for pieces of streams. A piece that was read and has to wait is copied out of the read buffer,
 * because the next read overwrites that. Within the arena such a copy takes a fifth of the time, and so does the next
 * one, into a batch. (Measured: with 64 senders of 4 KiB these two copies were a quarter of all processor time.)
 */
import { copyTextIn, type Memory, NO_MEMORY } from './memory.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from './spare-buffers.ts';

/** The size of a place: as much as one read. */
export const PIECE_BYTES = 64 * 1024;
/** A shorter piece does not take a place. */
const LEAST_PIECE_BYTES = 1_024;
/** A shorter piece does not take a spare buffer, most of which it would leave unused. */
const LEAST_SPARE_BYTES = SPARE_BYTES / 2;

/** The places for the pieces of all sessions. A session that finds none free gets a buffer elsewhere. */
export class PieceBuffers {
  readonly #memory: Memory;
  readonly #free: Uint8Array[];
  readonly #leastBytes: number;

  /**
   * @param at the first byte of `count` places in `memory`
   * @param leastBytes a shorter piece does not take a place; simulations have none but short ones
   */
  constructor(memory: Memory, at: number, count: number, leastBytes = LEAST_PIECE_BYTES) {
    this.#memory = memory;
    this.#leastBytes = leastBytes;
    const place = (number: number) =>
      new Uint8Array(memory.buffer, at + (count - 1 - number) * PIECE_BYTES, PIECE_BYTES);
    this.#free = Array.from({ length: count }, (_, number) => place(number));
  }

  /** How many places are free. */
  get freeCount(): number {
    return this.#free.length;
  }

  /**
   * Copies UTF-8 text: the bytes of `from` from `at` on.
   * @returns the whole buffer that the copy lies in, from its first byte on; it must be given back
   */
  copy(from: Uint8Array, at: number, length: number): Uint8Array {
    const to = this.#roomFor(length);
    copyTextIn(this.#memory, from, at, to, 0, length);
    return to;
  }

  #roomFor(length: number): Uint8Array {
    const place = length >= this.#leastBytes && length <= PIECE_BYTES ? this.#free.pop() : undefined;
    if (place !== undefined) return place;
    return length >= LEAST_SPARE_BYTES && length <= SPARE_BYTES ? takeSpare() : Buffer.allocUnsafeSlow(length);
  }

  /** Gives back what `copy` returned. The caller must not use it any more. */
  give(piece: Uint8Array): void {
    if (piece.buffer === this.#memory.buffer) this.#free.push(piece);
    else if (piece.length === SPARE_BYTES) giveSpare(piece);
  }
}

/** For tests and other users that have no arena. */
export const NO_PLACES = new PieceBuffers(NO_MEMORY, 0, 0);
