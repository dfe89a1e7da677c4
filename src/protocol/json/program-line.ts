/**
 * The message of a program as a line of names and text, which is what the router sends. All sessions share one, because
 * a line is routed before the next is read.
 */
import { Memory, NO_MEMORY } from '../../shared/memory/memory.ts';
import type { Line } from '../../shared/wire/message.ts';
import type { Extent } from './raw-values.ts';

const COLON = 0x3a;
/** A longer line gets memory of its own, which is freed after it. */
const KEPT_BYTES = 64 * 1024;
/** A character of a JavaScript text takes up to three bytes. */
const BYTES_A_CHARACTER = 3;

export class ProgramLine implements Line {
  memory = NO_MEMORY;
  bytes: Uint8Array = NO_MEMORY.bytes;
  readonly start = 0;
  readonly offset = 0;
  end = 0;
  #kept: Memory | undefined;
  #buffer: Buffer = Buffer.alloc(0);

  /**
   * Writes a line.
   * @param names as they stand in a line, with commas between them
   * @param head what comes before the body
   * @param bytes the body is at `body` in these
   */
  write(names: string, head: string, bytes: Uint8Array, body: Extent): void {
    const bodyBytes = body.end - body.start;
    this.#makeRoom((names.length + head.length) * BYTES_A_CHARACTER + 1 + bodyBytes);
    let at = this.#buffer.write(names);
    this.bytes[at++] = COLON;
    at += this.#buffer.write(head, at);
    this.bytes.set(bytes.subarray(body.start, body.end), at);
    this.end = at + bodyBytes;
  }

  #makeRoom(bytes: number): void {
    if (bytes > KEPT_BYTES) this.#show(new Memory(new ArrayBuffer(bytes)));
    else {
      this.#kept ??= new Memory(new ArrayBuffer(KEPT_BYTES));
      if (this.memory !== this.#kept) this.#show(this.#kept);
    }
  }

  #show(memory: Memory): void {
    this.memory = memory;
    this.bytes = memory.bytes;
    this.#buffer = Buffer.from(memory.buffer);
  }
}
