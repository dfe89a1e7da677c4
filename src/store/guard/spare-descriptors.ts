/**
 * File descriptors that are kept back, so that there are some for the store when connections have taken all others.
 * They are open on nothing; to let go of them makes room for as many files.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** What LevelDB has open at most at a time while it is opened anew, and some more for what is done around that. */
export const SPARE_DESCRIPTORS = 16;

export class SpareDescriptors {
  readonly #held: number[] = [];

  /** Takes as many as are missing, as far as the system gives them. @returns whether all are held then */
  take(): boolean {
    try {
      while (this.#held.length < SPARE_DESCRIPTORS) this.#held.push(openSync(devNull, 'r'));
      return true;
    } catch {
      return false; // there are none now: they are asked for again later
    }
  }

  /** Gives all back to the system, for who needs them now. */
  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }
}
