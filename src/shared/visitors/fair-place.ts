/**
 * How addresses share a limited number of places, once all are taken. One that comes may have the place of a guest from
 * the address with the most, if that has more than its own address would have then. So whoever has few is not kept out
 * by one who has many, and addresses that have as many do not push each other out in turn.
 *
 * It is made when a place is needed, and not kept: who has a place pays nothing for it.
 */

/** The guests that have a place, by what their addresses count as. */
export class Crowding<Guest> {
  readonly #crowds = new Map<unknown, Guest[]>();
  #largest: readonly Guest[] = [];

  /** @param guests each with what its address counts as, oldest first */
  constructor(guests: Iterable<readonly [Guest, unknown]>) {
    for (const [guest, from] of guests) {
      const crowd = this.#crowds.get(from) ?? [];
      crowd.push(guest);
      this.#crowds.set(from, crowd);
      if (crowd.length > this.#largest.length) this.#largest = crowd;
    }
  }

  /** Those from the address with the most, oldest first. Of several addresses it is the one that had as many first. */
  get largest(): readonly Guest[] {
    return this.#largest;
  }

  /** How many come from an address. */
  countOf(from: unknown): number {
    return this.#crowds.get(from)?.length ?? 0;
  }

  /** Those of whom one may have to leave for one that comes and is no guest yet. Nobody where that is not fair. */
  mayLeaveFor(from: unknown): readonly Guest[] {
    return this.#largest.length > this.countOf(from) + 1 ? this.#largest : [];
  }
}
