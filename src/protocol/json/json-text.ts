/** A growing buffer in which JSON is put together. */
import { copyTextOf } from '../../shared/memory/memory.ts';
import { bodyStartOf } from '../../shared/wire/frames/message-head.ts';

const FIRST_BYTES = 64 * 1024;
/** After a larger text the buffer is made small again. */
const KEPT_BYTES = 512 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

export class JsonText {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was put since `begin`. It is valid until the next one. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  begin(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Puts JSON that is ASCII. */
  put(json: string): void {
    this.#room(json.length);
    this.#length += this.#buffer.write(json, this.#length, 'latin1');
  }

  /** Puts the text at [start, end) of `bytes`, which is UTF-8, in quotes. */
  putText(bytes: Uint8Array, start: number, end: number): void {
    if (mustBeEscaped(bytes, start, end)) {
      this.#putString(Buffer.from(bytes.subarray(start, end)).toString());
      return;
    }
    this.#room(end - start + 2);
    this.#buffer[this.#length++] = QUOTE;
    this.#copy(bytes, start, end);
    this.#buffer[this.#length++] = QUOTE;
  }

  /** Puts the message of a program (program-message.ts), which is JSON in two parts. */
  putProgramMessage(bytes: Uint8Array, start: number, end: number): void {
    const body = bodyStartOf(bytes, start, end);
    this.#room(end - start + 8);
    if (body > start) this.#copy(bytes, start, body - 1);
    this.put('"body":');
    this.#copy(bytes, body, end);
  }

  #putString(text: string): void {
    const json = JSON.stringify(text);
    this.#room(Buffer.byteLength(json));
    this.#length += this.#buffer.write(json, this.#length);
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    copyTextOf(bytes, start, this.#buffer, this.#length, end - start);
    this.#length += end - start;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

function mustBeEscaped(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < FIRST_PRINTABLE || byte === QUOTE || byte === BACKSLASH) return true;
  }
  return false;
}
