/**
 * The lines of the log on their way out. The log is not the broker: a line that cannot be written holds nobody up and
 * ends nothing. What it MUST hold:
 * 1. A call never waits, and never fails.
 * 2. One write is under way at a time, and no more than MAX_WAITING_CHARACTERS wait for it.
 * 3. What finds no room, or fails to be written, is dropped and counted. From then on all is dropped, until what waits
 *    has been written and a line has said how many were dropped: so that line stands where they are missing.
 */

/** Where the lines go. */
export interface LogOutlet {
  /**
   * Begins a write; there is only one at a time.
   * @param done is called once, and later, with what went wrong, if anything did, and how many of the bytes were taken
   */
  write(bytes: Buffer, done: (error: unknown, taken: number) => void): void;
  /** Writes what is taken at once, and forgets the rest: the process ends. */
  writeLast(text: string): void;
}

/** Some four thousand lines: a burst at debug level, which who reads has caught up with soon. */
export const MAX_WAITING_CHARACTERS = 512 * 1024;
/** The most that is under way at a time: what a pipe takes at once. */
const MAX_WRITE_CHARACTERS = 64 * 1024;
/** How often it is tried whether a log that could not be written can be written again. */
const RETRY_MS = 1_000;
const LF = 0x0a;

export class LogLines {
  readonly #outlet: LogOutlet;
  readonly #droppedLine: (count: number) => string;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #busy = false;
  #dropped = 0;
  #retry: NodeJS.Timeout | undefined;
  /** The last byte that was taken ends no line. */
  #midLine = false;

  /** @param droppedLine says that so many lines were dropped, as a line of the log */
  constructor(outlet: LogOutlet, droppedLine: (count: number) => string) {
    this.#outlet = outlet;
    this.#droppedLine = droppedLine;
  }

  /** Takes a line, its end included. */
  write(line: string): void {
    if (this.#dropped > 0 || this.#waitingCharacters + line.length > MAX_WAITING_CHARACTERS) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    this.#next();
  }

  /** The process ends: what still waits is written as far as it is taken at once. */
  end(): void {
    clearTimeout(this.#retry);
    const rest = this.#waiting.splice(0).join('') + (this.#dropped > 0 ? this.#droppedLine(this.#dropped) : '');
    if (rest !== '') this.#outlet.writeLast(this.#midLine && !this.#busy ? `\n${rest}` : rest);
  }

  #next(): void {
    if (this.#busy || this.#retry !== undefined) return;
    if (this.#waiting.length > 0) this.#begin(this.#take(), 0);
    else if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#begin([this.#droppedLine(count)], count);
    }
  }

  /** Lines from the front of those that wait: one at least, and as many as go out in one write. */
  #take(): string[] {
    let end = 0;
    let characters = 0;
    do characters += this.#waiting[end++]?.length ?? 0;
    while (end < this.#waiting.length && characters + (this.#waiting[end]?.length ?? 0) <= MAX_WRITE_CHARACTERS);
    this.#waitingCharacters -= characters;
    return this.#waiting.splice(0, end);
  }

  /** @param stands how many dropped lines these lines stand for: they are dropped still if this fails */
  #begin(lines: readonly string[], stands: number): void {
    this.#busy = true;
    const bytes = Buffer.from((this.#midLine ? '\n' : '') + lines.join(''));
    this.#outlet.write(bytes, (error, taken) => {
      this.#busy = false;
      if (taken > 0) this.#midLine = bytes[taken - 1] !== LF;
      if (error) this.#failed(stands > 0 ? stands : unwritten(lines, bytes, taken));
      this.#next();
    });
  }

  #failed(dropped: number): void {
    this.#dropped += dropped + this.#waiting.length;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#next();
    }, RETRY_MS);
    this.#retry.unref();
  }
}

/** How many of the lines in `bytes` have not been taken to their end. */
function unwritten(lines: readonly string[], bytes: Buffer, taken: number): number {
  let ends = 0;
  for (let at = bytes.indexOf(LF); at >= 0 && at < taken; at = bytes.indexOf(LF, at + 1)) ends++;
  const first = bytes[0] === LF ? 1 : 0; // the end of a line that was left open
  return lines.length - Math.max(0, ends - first);
}
