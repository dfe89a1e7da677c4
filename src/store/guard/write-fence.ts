/**
 * Keeps the writers of one store apart from a failed write. What a write that failed has left in LevelDB's log makes
 * all unreadable that is written behind it, and LevelDB says of that it is written. So a write counts only when none
 * before it has failed, in whatever thread, and after one that failed there is none until the store is opened anew.
 *
 * In memory that all threads share: a word that is 1 once a write has failed, then for each writer a number that is odd
 * while a write of its is under way.
 */
const BROKEN = 0;
const FIRST_WRITER = 1;

/** A write that was not made, or does not count, because of one before it. */
export class BehindFailedWrite extends Error {
  constructor() {
    super('a write before it has failed');
    this.name = 'BehindFailedWrite';
  }
}

export class WriteFence {
  readonly #words: Int32Array;
  readonly #own: number;

  /** @param writer which of the writers this is: 0 for the keeper of the store, 1 + n for shard n */
  constructor(shared: SharedArrayBuffer, writer: number) {
    this.#words = new Int32Array(shared);
    this.#own = FIRST_WRITER + writer;
  }

  /** What a fence of so many writers lies in. */
  static memory(writers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST_WRITER + writers));
  }

  /**
   * Makes a write, one at a time.
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
    // One that is under way now may have been made before this one, and fail.
    for (let writer = FIRST_WRITER; writer < this.#words.length; writer++) await this.#answered(writer);
    if (this.broken) throw new BehindFailedWrite();
  }

  get broken(): boolean {
    return Atomics.load(this.#words, BROKEN) === 1;
  }

  /** The store is opened anew, and nobody has written to it yet. */
  mend(): void {
    Atomics.store(this.#words, BROKEN, 0);
  }

  /** This writer is gone, perhaps in the middle of a write: nobody waits for its answer any more. */
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
