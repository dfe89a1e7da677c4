/**
 * Reserves file descriptors for the store, for the case that connections have taken all others. They are open on the
 * null device. To close them makes room for as many files.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** The most files that LevelDB has open while it opens a store again, and some more. */
export const SPARE_DESCRIPTORS = 16;

/** The reserved descriptors of the process. */
export class SpareDescriptors {
  readonly #held: number[] = [];

  /** Reserves the descriptors that are missing, as far as the system has any. @returns whether all are reserved now */
  take(): boolean {
    try {
      while (this.#held.length < SPARE_DESCRIPTORS) this.#held.push(openSync(devNull, 'r'));
      return true;
    } catch {
      return false; // none are free now; the next call tries again
    }
  }

  /** Closes all reserved descriptors, for files that need them now. */
  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }
}
