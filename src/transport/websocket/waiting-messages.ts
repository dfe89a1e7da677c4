/** Messages that came although their connection is paused: a read of the socket can have many of them. */
const LF = 10;
const LINE_END = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);
/** More pieces than this are joined, because a small piece costs more than its bytes. */
const MAX_PIECES = 64;

/** The messages of one connection that wait. They are at most those of one read. */
export class WaitingMessages {
  #pieces: Buffer[] = [];

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Keeps a message, or the end of one. It must not change any more. */
  push(message: Buffer): void {
    this.#pieces.push(message);
    if (!endsLine(message)) this.#pieces.push(LINE_END);
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)];
  }

  /** Takes all lines, each with its end. */
  take(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length === 0 ? NOTHING : Buffer.concat(pieces);
  }
}

/** Whether the last line of a message has its LF. A client may leave that out. */
export function endsLine(message: Buffer): boolean {
  return message[message.length - 1] === LF;
}
