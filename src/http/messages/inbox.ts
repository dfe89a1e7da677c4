/**
 * The messages that a session over HTTP was given and that are not acknowledged, in order. The window of the session
 * bounds them: the shard gives no more before some are acknowledged.
 */

interface Kept {
  readonly seq: number;
  /** The object of the message as the broker wrote it, without the LF. */
  readonly line: Buffer;
  /** Whether a client was given it before. */
  given: boolean;
}

const AGAIN = ',"redelivered":true}';

export class Inbox {
  #kept: Kept[] = [];
  /** The first of `#kept` that the current reader was not given. */
  #next = 0;
  #lastGiven = 0;
  /** Messages that have come since the start. */
  received = 0;

  get size(): number {
    return this.#kept.length;
  }

  /** Whether there is a message that the current reader was not given. */
  get hasNext(): boolean {
    return this.#next < this.#kept.length;
  }

  push(seq: number, line: Buffer): void {
    this.#kept.push({ seq, line, given: false });
    this.received++;
  }

  /** From here on a reader is given all messages, from the oldest on. */
  rewind(): void {
    this.#next = 0;
  }

  /** Gives out the next message. @returns its number and its object; undefined if there is none */
  next(): { readonly seq: number; readonly text: string } | undefined {
    const kept = this.#kept[this.#next];
    if (kept === undefined) return undefined;
    this.#next++;
    this.#lastGiven = Math.max(this.#lastGiven, kept.seq);
    const line = kept.line.toString();
    const text = kept.given && !line.endsWith(AGAIN) ? `${line.slice(0, -1)}${AGAIN}` : line;
    kept.given = true;
    return { seq: kept.seq, text };
  }

  /**
   * Takes out all messages up to one that was given out.
   * @returns how many; undefined if no message with this number, nor a later one, was given out
   */
  acknowledge(seq: number): number | undefined {
    if (seq > this.#lastGiven) return undefined;
    const left = this.#kept.findIndex((kept) => kept.seq > seq);
    const count = left === -1 ? this.#kept.length : left;
    this.#kept.splice(0, count);
    this.#next = Math.max(0, this.#next - count);
    return count;
  }
}
