/**
 * Sessions that wait for a congested shard, in two queues: one for light lines, one for heavy ones. Each queue is first
 * in, first out. Several light lines go before each heavy one. So a short message does not wait for long lists, and
 * many short messages do not shut long lists out.
 */

/** This many light lines go before the next heavy one. */
const LIGHT_BEFORE_HEAVY = 16;

/** The two queues of one shard. */
export class WaitingSenders {
  readonly #light = new Set<() => void>();
  readonly #heavy = new Set<() => void>();
  #lightInARow = 0;

  get size(): number {
    return this.#light.size + this.#heavy.size;
  }

  /** Adds a session at the end of its queue. @param resume lets the session continue */
  add(resume: () => void, heavy: boolean): void {
    (heavy ? this.#heavy : this.#light).add(resume);
  }

  /** Removes a session from its queue, if it is there. */
  delete(resume: () => void): void {
    this.#light.delete(resume);
    this.#heavy.delete(resume);
  }

  /**
   * Takes the next session from the queues.
   * @param onlyLight whether there is no room for a heavy line
   * @returns what lets it continue; undefined if there is none
   */
  take(onlyLight: boolean): (() => void) | undefined {
    const mayBeHeavy = !onlyLight && this.#heavy.size > 0;
    const heavy = mayBeHeavy && (this.#light.size === 0 || this.#lightInARow >= LIGHT_BEFORE_HEAVY);
    const [next] = heavy ? this.#heavy : this.#light;
    if (next === undefined) return undefined;
    this.delete(next);
    this.#lightInARow = heavy ? 0 : this.#lightInARow + 1;
    return next;
  }
}
