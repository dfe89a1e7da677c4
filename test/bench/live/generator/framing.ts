/**
 * Cuts a connection's bytes into deliveries. All have one length, so none has to be searched for; only what the server
 * may ask between two of them is told by its first byte.
 */
import type { Protocol } from './protocols/protocol.ts';

export interface FrameHandler {
  /** One whole delivery; the bytes are written over afterwards. */
  frame(bytes: Buffer, at: number): void;
  ping(): void;
}

export class Framing {
  readonly #frameBytes: number;
  readonly #pingBytes: number;
  readonly #pingFirst: number | undefined;
  readonly #handler: FrameHandler;
  readonly #carry: Buffer;
  #carried = 0;

  constructor(frameBytes: number, ping: Protocol['ping'], handler: FrameHandler) {
    this.#frameBytes = frameBytes;
    this.#pingBytes = ping?.asked.length ?? 0;
    this.#pingFirst = ping?.asked[0];
    this.#handler = handler;
    this.#carry = Buffer.alloc(Math.max(frameBytes, this.#pingBytes));
  }

  /** Takes the next bytes of the stream; they may be written over afterwards. */
  feed(bytes: Buffer, length: number): void {
    let at = this.#carried > 0 ? this.#complete(bytes, length) : 0;
    while (at < length) {
      const size = this.#sizeOf(bytes[at]);
      if (at + size > length) {
        this.#carried = bytes.copy(this.#carry, 0, at, length);
        return;
      }
      this.#hand(bytes, at);
      at += size;
    }
  }

  /** Completes what is carried. @returns where the rest begins */
  #complete(bytes: Buffer, length: number): number {
    const size = this.#sizeOf(this.#carry[0]);
    const taken = bytes.copy(this.#carry, this.#carried, 0, Math.min(length, size - this.#carried));
    this.#carried += taken;
    if (this.#carried === size) {
      this.#carried = 0;
      this.#hand(this.#carry, 0);
    }
    return taken;
  }

  #sizeOf(first: number | undefined): number {
    return first === this.#pingFirst ? this.#pingBytes : this.#frameBytes;
  }

  #hand(bytes: Buffer, at: number): void {
    if (bytes[at] === this.#pingFirst) this.#handler.ping();
    else this.#handler.frame(bytes, at);
  }
}
