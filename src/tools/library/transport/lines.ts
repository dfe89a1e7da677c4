/** Cuts bytes into lines. A chunk may end anywhere, within a character too. */
import { ConnectionError } from '../errors.ts';

const LF = 10;

/** The lines of one connection. */
export class LineReader {
  readonly #maxBytes: number;
  // A line that is not UTF-8 is no line of the broker, and must not be read as another one.
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** The beginning of a line whose LF has not come. */
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  /** @param maxBytes of a line, without its LF */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a chunk, which the caller may use again afterwards.
   * @returns the lines that end in it, without their LF
   * @throws ConnectionError if a line is too long or is not UTF-8
   */
  read(chunk: Uint8Array): string[] {
    const end = chunk.lastIndexOf(LF);
    this.#measure(chunk);
    if (end < 0) {
      if (chunk.length > 0) this.#rest.push(chunk.slice());
      return [];
    }
    const whole = this.#rest.length === 0 ? chunk.subarray(0, end) : joined([...this.#rest, chunk.subarray(0, end)]);
    this.#rest = end + 1 < chunk.length ? [chunk.slice(end + 1)] : [];
    try {
      return this.#decoder.decode(whole).split('\n');
    } catch (cause) {
      throw new ConnectionError('PROTOCOL', 'a line of the broker is not UTF-8', { cause });
    }
  }

  #measure(chunk: Uint8Array): void {
    let longest = 0;
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      longest = Math.max(longest, this.#restBytes + end - start);
      this.#restBytes = 0;
      start = end + 1;
    }
    this.#restBytes += chunk.length - start;
    if (Math.max(longest, this.#restBytes) <= this.#maxBytes) return;
    throw new ConnectionError('PROTOCOL', `the broker says a line longer than ${this.#maxBytes} bytes`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
