/**
 * Gathers frames that a shard delivers in place: they lie apart, in buffers that the main thread has filled. So a large
 * message is not copied to the shard's thread and back. To read what another core has written takes several times as
 * long as to copy what this one has.
 */
import { copyText, Memory } from '../../memory/memory.ts';
import type { WriteBuffers } from '../../memory/write-buffers.ts';
import { FRAME_HEADER_WORDS, FRAME_LENGTH } from './frames.ts';

/** The room for what no write buffer has room for. More is gathered in a buffer of its own. */
const ROOM_BYTES = 320 * 1024;

/** Where gathered frames lie, without gaps. */
export interface Gathered {
  readonly memory: Memory;
  /** The first byte. */
  readonly at: number;
}

export class FrameGatherer {
  /** The bytes that a gatherer needs in an arena. */
  static readonly BYTES = ROOM_BYTES;
  readonly #memory: Memory;
  readonly #at: number;
  readonly #roomBytes: number;
  readonly #writeBuffers: Pick<WriteBuffers, 'roomFor'> | undefined;

  /**
   * @param memory where the frames lie
   * @param at the first byte of the room there, which nothing else uses
   * @param writeBuffers from which the frames will be written, most often; they are in the same memory
   * @param roomBytes the size of the room; simulations have less
   */
  constructor(memory: Memory, at: number, writeBuffers?: Pick<WriteBuffers, 'roomFor'>, roomBytes = ROOM_BYTES) {
    this.#writeBuffers = writeBuffers;
    this.#roomBytes = roomBytes;
    this.#memory = memory;
    this.#at = at;
  }

  /**
   * @param headers of the frames, of which there are `places.length`
   * @param places the first byte of each frame
   * @param length of all frames, in bytes
   * @returns where they lie until the next call and the next write of any writer; undefined if they are not as is said
   */
  gather(headers: Int32Array, places: Int32Array, length: number): Gathered | undefined {
    const room = this.#roomFor(length);
    const to = room < 0 ? new Memory(new ArrayBuffer(length)) : this.#memory;
    const start = Math.max(room, 0);
    let at = start;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      const bytes = headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] as number;
      const isThere = place >= 0 && bytes > 0 && place + bytes <= this.#memory.bytes.length;
      if (!isThere || at + bytes > start + length) return undefined;
      copyText(this.#memory, place, to, at, bytes);
      at += bytes;
    }
    return at === start + length ? { memory: to, at: start } : undefined;
  }

  /** @returns the first of `length` bytes in the memory; -1 if there is no room for so many */
  #roomFor(length: number): number {
    const at = this.#writeBuffers?.roomFor(length) ?? -1;
    if (at >= 0) return at;
    return length <= this.#roomBytes ? this.#at : -1;
  }
}
