/**
 * What a session reads while its name is not its own yet. Its lines must not be routed then, because they would go out
 * under the name of somebody else; but the end of its stream must be noticed, so it is read on, up to a limit.
 */
/** So many bytes are read and kept, and at most one read more; the rest stays with the system. */
export const GATE_BYTES = 64 * 1024;
/** More pieces than this become one: a small piece costs more than its bytes. */
const MAX_PIECES = 64;

export class NameGate {
  readonly #pause: () => void;
  readonly #quits: (bytes: Buffer, length: number) => boolean;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /**
   * @param pause is called when so much has come that nothing more is to be read
   * @param quits is asked of each piece whether it ends the session; one that does not is kept
   */
  constructor(pause: () => void, quits: (bytes: Buffer, length: number) => boolean) {
    this.#pause = pause;
    this.#quits = quits;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

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

  /** All that was read, in one piece. */
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
