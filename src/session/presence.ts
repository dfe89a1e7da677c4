/** The peers that are here: those that hold their name, in all shards. And who watches which names. */

/** An answer to `/who` lists no more names than this. */
const MAX_LISTED = 50;
/** So many names may be watched by all sessions together; a name counts for each of them. */
export const MAX_WATCHES = 100_000;

/** A peer as `/who` shows it. */
export interface Present {
  readonly name: Uint8Array | undefined;
}

/** What is told when a peer of a name comes or leaves. */
export interface Watcher {
  /** @param key of the name, see `nameKey` @param time in milliseconds since 1970 */
  changed(key: string, here: boolean, time: number): void;
}

/** The peers that are here, in the order in which they came. */
export class Presence {
  /** By the key of the name. A shard gives a name to one peer at a time. */
  readonly #here = new Map<string, Present>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #watches = 0;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;

  constructor(now = Date.now) {
    this.now = now;
  }

  /** The peer holds its name. */
  enter(peer: Present): void {
    if (peer.name === undefined) return;
    const key = nameKey(peer.name);
    // The next life of a shard says again who holds its names.
    if (this.#here.get(key) === peer) return;
    this.#here.set(key, peer);
    this.#tell(key, true);
  }

  /** The name of the peer is free, or about to be given to the next. */
  leave(peer: Present): void {
    if (peer.name === undefined) return;
    const key = nameKey(peer.name);
    if (this.#here.get(key) !== peer) return;
    this.#here.delete(key);
    this.#tell(key, false);
  }

  get count(): number {
    return this.#here.size;
  }

  /** The names of the peers that have been here longest. */
  names(): Uint8Array[] {
    const names: Uint8Array[] = [];
    for (const { name } of this.#here.values()) {
      if (names.length === MAX_LISTED) break;
      if (name !== undefined) names.push(name);
    }
    return names;
  }

  /** Whether a peer of the name is here. */
  has(key: string): boolean {
    return this.#here.has(key);
  }

  /** How many names are watched; a name counts for each of its watchers. */
  get watches(): number {
    return this.#watches;
  }

  /** From now on tells `watcher` of changes, until `unwatch`. The bound is MAX_WATCHES, and is the caller's to keep. */
  watch(key: string, watcher: Watcher): void {
    let watchers = this.#watchers.get(key);
    if (watchers === undefined) {
      watchers = new Set();
      this.#watchers.set(key, watchers);
    }
    if (watchers.has(watcher)) return;
    watchers.add(watcher);
    this.#watches++;
  }

  unwatch(key: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(key);
    if (watchers?.delete(watcher) !== true) return;
    this.#watches--;
    if (watchers.size === 0) this.#watchers.delete(key);
  }

  #tell(key: string, here: boolean): void {
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) return;
    const time = this.now();
    for (const watcher of watchers) watcher.changed(key, here, time);
  }
}

/** The bytes of a name, as the key of a Map. */
export function nameKey(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
