/** Who is here: the names under which somebody receives, whatever their shards. */

/** Names that one answer lists. */
const MAX_LISTED = 50;

export interface Present {
  readonly name: Uint8Array | undefined;
}

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

  /** The names of those that have been here longest. */
  names(): Uint8Array[] {
    const names: Uint8Array[] = [];
    for (const { name } of this.#here) {
      if (names.length === MAX_LISTED) break;
      if (name !== undefined) names.push(name);
    }
    return names;
  }
}
