/** The peers that are here: those that hold their name, in all shards. */

/** An answer to `/who` lists no more names than this. */
const MAX_LISTED = 50;

/** A peer as `/who` shows it. */
export interface Present {
  readonly name: Uint8Array | undefined;
}

/** The set of peers that are here, in the order in which they came. */
export class Presence {
  readonly #here = new Set<Present>();

  enter(peer: Present): void {
    this.#here.add(peer);
  }

  leave(peer: Present): void {
    this.#here.delete(peer);
  }

  get count(): number {
    return this.#here.size;
  }

  /** The names of the peers that have been here longest. */
  names(): Uint8Array[] {
    const names: Uint8Array[] = [];
    for (const { name } of this.#here) {
      if (names.length === MAX_LISTED) break;
      if (name !== undefined) names.push(name);
    }
    return names;
  }
}
