/**
 * The message of a program as a line of names and text, which is what the router sends. All sessions share one, because
 * a line is routed before the next is read.
 */
import { copyText, Memory, NO_MEMORY } from '../../shared/memory/memory.ts';
import type { Line } from '../../shared/wire/message.ts';
import type { Extent } from './raw-values.ts';
import type { SimpleSend } from './simple-send.ts';

const COLON = 0x3a;
const COMMA = 0x2c;
const ID = Buffer.from('"id":');
const RE = Buffer.from('"re":');
/** More than the time adds to a line. */
const MOST_ADDED_BYTES = 64;
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
  /** The time that was written last. Many messages come within a millisecond. */
  #time = Number.NaN;
  #timeText: Uint8Array = Buffer.alloc(0);

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

  /**
   * Writes the line of a send that was read simply. It is what `write` writes for the same message.
   * @param line the line that the send was read from
   * @param time in milliseconds since 1970
   */
  writeSimple({ to, id, re, body }: SimpleSend, line: Line, time: number): void {
    this.#makeRoom(line.end - line.start + MOST_ADDED_BYTES);
    this.end = 0;
    this.#copy(line, to.start + 1, to.end - 1);
    this.bytes[this.end++] = COLON;
    if (id.end !== 0) this.#putValue(ID, line, id);
    if (re.end !== 0) this.#putValue(RE, line, re);
    if (time !== this.#time) {
      this.#time = time;
      this.#timeText = Buffer.from(`"time":${time},\t`);
    }
    this.#put(this.#timeText);
    this.#copy(line, body.start, body.end);
  }

  #putValue(key: Uint8Array, line: Line, { start, end }: Extent): void {
    this.#put(key);
    this.#copy(line, start, end);
    this.bytes[this.end++] = COMMA;
  }

  #put(text: Uint8Array): void {
    const { bytes } = this;
    let to = this.end;
    for (let i = 0; i < text.length; i++) bytes[to++] = text[i] as number;
    this.end = to;
  }

  #copy({ memory, offset }: Line, start: number, end: number): void {
    copyText(memory, offset + start, this.memory, this.end, end - start);
    this.end += end - start;
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
