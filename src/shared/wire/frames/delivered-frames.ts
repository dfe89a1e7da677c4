/**
 * The frames of one delivery, where they lie when they arrive. Most deliveries are written at once, and need no views
 * of their headers and bytes. To make these takes longer than to copy the bytes of a short message.
 */
import { type Memory, NO_MEMORY } from '../../memory/memory.ts';
import type { WriteBuffers } from '../../memory/write-buffers.ts';
import { FRAME_BODY, FRAME_HEADER_WORDS, type Frames } from './frames.ts';

/** A delivery, which is valid only while it is handed out: the object serves for the next one too. */
export class DeliveredFrames {
  count = 0;
  /** The bytes of all frames. */
  length = 0;
  #headers = NO_MEMORY;
  #firstHeader = 0;
  #bytes = NO_MEMORY;
  #firstByte = 0;

  /**
   * @param headers where the headers of `count` frames lie, from word `firstHeader` on
   * @param bytes where the frames lie, from `firstByte` on: `length` bytes
   */
  set(headers: Memory, firstHeader: number, count: number, bytes: Memory, firstByte: number, length: number): this {
    this.#headers = headers;
    this.#firstHeader = firstHeader;
    this.count = count;
    this.#bytes = bytes;
    this.#firstByte = firstByte;
    this.length = length;
    return this;
  }

  /** @returns word `word` of the header of frame `index` */
  word(index: number, word: number): number {
    return this.#headers.words[this.#firstHeader + index * FRAME_HEADER_WORDS + word] as number;
  }

  /** See kindsOf. */
  get kinds(): number {
    let kinds = 0;
    for (let index = 0; index < this.count; index++) kinds |= this.word(index, FRAME_BODY);
    return kinds;
  }

  /** @returns views of the headers and the bytes, which are valid no longer than the delivery */
  frames(): Frames {
    return {
      headers: new Int32Array(this.#headers.buffer, this.#firstHeader << 2, this.count * FRAME_HEADER_WORDS),
      bytes: new Uint8Array(this.#bytes.buffer, this.#firstByte, this.length),
      count: this.count,
    };
  }

  /** See WriteBuffers. */
  stageIn(buffers: WriteBuffers): Uint8Array {
    return buffers.stageFrom(this.#bytes, this.#firstByte, this.length);
  }
}
