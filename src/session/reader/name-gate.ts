/**
 * The gate: it keeps what a session reads while its name is not its own. These lines must not be routed, because they
 * would be sent under the name of another session. The session reads on, up to a limit, so that the end of its stream
 * is noticed.
 */

/** The gate keeps this many bytes, and at most one read more. The rest stays in the kernel. */
export const GATE_BYTES = 64 * 1024;
/** More pieces than this are joined, because a small piece costs more than its bytes. */
const MAX_PIECES = 64;

/** The gate of one session. */
export class NameGate {
  readonly #pause: () => void;
  readonly #quits: (bytes: Buffer, length: number) => boolean;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /**
   * @param pause is called when the limit is reached, and must stop the reading
   * @param quits is asked of each piece whether it ends the session; a piece that does not is kept
   */
  constructor(pause: () => void, quits: (bytes: Buffer, length: number) => boolean) {
    this.#pause = pause;
    this.#quits = quits;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** Takes the first `length` bytes of `bytes`, and copies them. */
  read(bytes: Buffer, length: number): void {
    if (length === 0) return;
    if (this.#quits(bytes, length)) return;
    const piece = Buffer.allocUnsafeSlow(length);
    piece.set(bytes.subarray(0, length));
    this.#pieces.push(piece);
    this.#bytes += length;
    if (this.#bytes >= GATE_BYTES) this.#pause();
    else if (this.#pieces.length > MAX_PIECES) this.#pieces = [this.all()];
  }

  /** The stream has ended. @param _reset whether that was a reset */
  end(_reset: boolean): void {
    // What it keeps is fed when it opens.
  }

  /** All that was read so far, in one piece. */
  all(): Buffer {
    const all = Buffer.allocUnsafeSlow(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
