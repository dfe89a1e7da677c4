/**
 * The queue of log lines. The broker must not depend on its log: a line that cannot be written delays nothing and ends
 * nothing. What it MUST hold:
 * 1. A call never waits, and never fails.
 * 2. One write is under way at a time, and no more than MAX_WAITING_CHARACTERS wait for it.
 * 3. A line is dropped and counted if there is no room for it, or if its write fails. From then on every line is
 *    dropped, until the waiting ones are written and a line has told how many were dropped. So that line stands in the
 *    place of the missing ones.
 */

/** Where the lines are written. */
export interface LogOutlet {
  /**
   * Begins a write. There is only one at a time.
   * @param done is called once, after this call has returned: with the error, if there was one, and how many bytes were
   *   written
   */
  write(bytes: Buffer, done: (error: unknown, taken: number) => void): void;
  /** Writes as much as can be written at once, and drops the rest, because the process ends. */
  writeLast(text: string): void;
}

/** About four thousand lines: a burst at debug level, which a reader of the log soon catches up with. */
export const MAX_WAITING_CHARACTERS = 512 * 1024;
/** The most in one write: the capacity of a pipe. */
const MAX_WRITE_CHARACTERS = 64 * 1024;
/** How often a failed log is tried again. */
const RETRY_MS = 1_000;
const LF = 0x0a;

/** The queue of one log. */
export class LogLines {
  readonly #outlet: LogOutlet;
  readonly #droppedLine: (count: number) => string;
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #busy = false;
  #dropped = 0;
  #droppedInAll = 0;
  #retry: NodeJS.Timeout | undefined;
  /** Whether the last byte that was written does not end a line. */
  #midLine = false;

  /** @param droppedLine makes the line of the log that tells how many lines were dropped */
  constructor(outlet: LogOutlet, droppedLine: (count: number) => string) {
    this.#outlet = outlet;
    this.#droppedLine = droppedLine;
  }

  /** How many lines were dropped so far. */
  get droppedInAll(): number {
    return this.#droppedInAll;
  }

  /** Takes a line, with its LF. */
  write(line: string): void {
    if (this.#dropped > 0 || this.#waitingCharacters + line.length > MAX_WAITING_CHARACTERS) {
      this.#dropped++;
      this.#droppedInAll++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    this.#next();
  }

  /** The process ends. Writes as much of the waiting lines as can be written at once. */
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

  /** Takes the next lines: at least one, and as many as fit into one write. */
  #take(): string[] {
    let end = 0;
    let characters = 0;
    do characters += this.#waiting[end++]?.length ?? 0;
    while (end < this.#waiting.length && characters + (this.#waiting[end]?.length ?? 0) <= MAX_WRITE_CHARACTERS);
    this.#waitingCharacters -= characters;
    return this.#waiting.splice(0, end);
  }

  /** @param stands how many dropped lines these lines report; if the write fails, those still count as dropped */
  #begin(lines: readonly string[], stands: number): void {
    this.#busy = true;
    const bytes = Buffer.from((this.#midLine ? '\n' : '') + lines.join(''));
    this.#outlet.write(bytes, (error, taken) => {
      this.#busy = false;
      if (taken > 0) this.#midLine = bytes[taken - 1] !== LF;
      if (error) this.#failed(stands, stands > 0 ? 0 : unwritten(lines, bytes, taken));
      this.#next();
    });
  }

  /** @param again dropped lines that were counted before @param dropped lines that are dropped now */
  #failed(again: number, dropped: number): void {
    this.#dropped += again + dropped + this.#waiting.length;
    this.#droppedInAll += dropped + this.#waiting.length;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#next();
    }, RETRY_MS);
    this.#retry.unref();
  }
}

/** @returns how many of the lines in `bytes` were not written to their end */
function unwritten(lines: readonly string[], bytes: Buffer, taken: number): number {
  let ends = 0;
  for (let at = bytes.indexOf(LF); at >= 0 && at < taken; at = bytes.indexOf(LF, at + 1)) ends++;
  const first = bytes[0] === LF ? 1 : 0; // it ends a line of an earlier write
  return lines.length - Math.max(0, ends - first);
}
