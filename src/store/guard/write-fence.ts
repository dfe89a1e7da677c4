/**
 * The fence: it keeps the writers of a store from writing after a failed write. The part of a record that a failed
 * write has left in the log of LevelDB makes everything after it unreadable, but LevelDB still reports later writes as
 * done. So a write counts only if no write before it has failed, in any thread. After a failed write there is no other
 * one until the store is opened again.
 *
 * The fence is in memory that all threads share. One word is 1 once a write has failed. Each writer has a further word,
 * whose number is odd while that writer writes.
 */
const BROKEN = 0;
const FIRST_WRITER = 1;

/** A write was not made, or does not count, because an earlier one has failed. */
export class BehindFailedWrite extends Error {
  constructor() {
    super('a write before it has failed');
    this.name = 'BehindFailedWrite';
  }
}

/** The fence, as one of the writers sees it. */
export class WriteFence {
  readonly #words: Int32Array;
  readonly #own: number;

  /**
   * @param shared see `memory`
   * @param writer the number of this writer: 0 for the main thread, 1 + n for shard n
   */
  constructor(shared: SharedArrayBuffer, writer: number) {
    this.#words = new Int32Array(shared);
    this.#own = FIRST_WRITER + writer;
  }

  /** @returns the memory of a fence for this many writers */
  static memory(writers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST_WRITER + writers));
  }

  /**
   * Makes a write. A writer makes one at a time.
   * @throws the error of `write`, or BehindFailedWrite
   */
  async write(write: () => Promise<void>): Promise<void> {
    if (this.broken) throw new BehindFailedWrite();
    Atomics.add(this.#words, this.#own, 1);
    try {
      await write();
    } catch (error) {
      Atomics.store(this.#words, BROKEN, 1);
      throw error;
    } finally {
      this.#over(this.#own);
    }
    // A write that is under way now may be before this one in the log, and fail.
    for (let writer = FIRST_WRITER; writer < this.#words.length; writer++) await this.#answered(writer);
    if (this.broken) throw new BehindFailedWrite();
  }

  /** Whether a write has failed since the store was opened. */
  get broken(): boolean {
    return Atomics.load(this.#words, BROKEN) === 1;
  }

  /** The store was opened again, and nothing has been written to it yet. */
  mend(): void {
    Atomics.store(this.#words, BROKEN, 0);
  }

  /** This writer is gone, perhaps in the middle of a write, for whose end no other writer must wait. */
  leave(): void {
    if (this.#writes(this.#own)) this.#over(this.#own);
  }

  #writes(writer: number): boolean {
    return (Atomics.load(this.#words, writer) & 1) === 1;
  }

  #over(writer: number): void {
    Atomics.add(this.#words, writer, 1);
    Atomics.notify(this.#words, writer);
  }

  async #answered(writer: number): Promise<void> {
    const now = Atomics.load(this.#words, writer);
    if ((now & 1) === 0) return;
    const answer = Atomics.waitAsync(this.#words, writer, now);
    if (answer.async) await answer.value;
  }
}
