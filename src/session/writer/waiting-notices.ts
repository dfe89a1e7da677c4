/** The notices of one writer that wait for the end of a write, up to a limit. */

/**
 * A peer that does not read costs no more than this for notices. A peer that reads gets to know what became of its
 * messages.
 */
const MAX_WAITING_BYTES = 1_024;

export class WaitingNotices {
  #lines: Uint8Array | undefined;
  #maxBytes = MAX_WAITING_BYTES;
  /** Is called when notices that waited have been taken. */
  whenTaken: (() => void) | undefined;

  get bytes(): number {
    return this.#lines?.length ?? 0;
  }

  /** From now on none is dropped, because they are bounded elsewhere. */
  keepAll(): void {
    this.#maxBytes = Number.POSITIVE_INFINITY;
  }

  /** Adds notices, unless that is too much. */
  add(lines: Uint8Array): void {
    const waiting = this.#lines;
    if (this.bytes + lines.length > this.#maxBytes) return;
    this.#lines = waiting === undefined ? lines : Buffer.concat([waiting, lines]);
  }

  /** Takes all of them; undefined if there are none. */
  take(): Uint8Array | undefined {
    const lines = this.#lines;
    this.#lines = undefined;
    if (lines !== undefined) this.whenTaken?.();
    return lines;
  }
}
