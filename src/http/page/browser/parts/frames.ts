/** Work that is gathered, and done once a frame: a thousand messages a second are drawn sixty times. */

/** A tab that is not shown has no frames, and then the work is done after this time. */
const HIDDEN_MS = 250;

/** Calls a function at the next frame, however often it was asked for. */
export class Frames {
  readonly #work: () => void;
  #cancel: (() => void) | undefined;

  constructor(work: () => void) {
    this.#work = work;
  }

  ask(): void {
    if (this.#cancel !== undefined) return;
    const frame = requestAnimationFrame(() => this.now());
    const timer = setTimeout(() => this.now(), HIDDEN_MS);
    this.#cancel = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }

  /** Does the work in this turn, and not at the next frame. */
  now(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#work();
  }
}
