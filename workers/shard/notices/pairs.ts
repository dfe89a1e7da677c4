/**
 * Pairs of a sender and a name. They are found by the bytes of the name, so that no string is made for a look-up. At
 * most `max` pairs are kept, in two generations. When the newer generation has half of `max`, the older one is dropped.
 */
import { randomInt } from 'node:crypto';
import type { NewsKind } from '../../../src/shared/wire/events.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import { hashBytes } from '../../names/seeded-hash.ts';

/** Only this many bytes of a name are compared. No peer has a longer name. */
const MAX_KEY_BYTES = 256;
/**
 * A few more bytes are kept. With them a notice can show that the name goes on, and can cut it between two characters.
 */
const MAX_KEPT_BYTES = MAX_KEY_BYTES + 4;
/** Keys are at most 30 bits, because V8 stores such integers without a heap object. */
const KEY_BITS = 0x3fffffff;

export class Pair {
  readonly sender: AttachmentNumber;
  readonly name: Uint8Array;
  readonly key: number;
  /** The next pair with the same key. */
  next: Pair | undefined;
  stateVersion: number;
  /** How many messages were dropped since the last notice, and the reason for the last of them. */
  more = 0;
  kind: NewsKind = 'unknown';
  /** Whether the count of this pair is due. */
  listed = false;

  constructor(sender: AttachmentNumber, name: Uint8Array, key: number, version: number, next: Pair | undefined) {
    this.sender = sender;
    this.name = new Uint8Array(name.subarray(0, MAX_KEPT_BYTES)); // a copy: `slice` of a Buffer makes none
    this.key = key;
    this.stateVersion = version;
    this.next = next;
  }

  /** Whether it is the pair of this sender and this name. */
  is(sender: AttachmentNumber, name: Uint8Array): boolean {
    if (this.sender !== sender) return false;
    const own = this.name;
    const length = Math.min(name.length, MAX_KEY_BYTES);
    if (Math.min(own.length, MAX_KEY_BYTES) !== length) return false;
    for (let i = 0; i < length; i++) if (own[i] !== name[i]) return false;
    return true;
  }
}

export class Pairs {
  readonly #half: number;
  /** The seed is secret, so that nobody can choose names that all have one key. */
  readonly #seed: number;
  #newer = new Map<number, Pair>();
  #older = new Map<number, Pair>();
  #newerSize = 0;
  #olderSize = 0;

  constructor(max: number, seed = randomInt(2 ** 31)) {
    this.#half = Math.max(1, Math.floor(max / 2));
    this.#seed = seed;
  }

  /** How many pairs are kept. */
  get size(): number {
    return this.#newerSize + this.#olderSize;
  }

  /** The pair of this sender and this name; undefined if it is not kept. */
  find(sender: AttachmentNumber, name: Uint8Array): Pair | undefined {
    const key = this.#key(sender, name);
    return this.#in(this.#newer, key, sender, name) ?? this.#in(this.#older, key, sender, name);
  }

  /** Sets the state version of a pair. A pair that is not in the newer generation is added to it. */
  set(sender: AttachmentNumber, name: Uint8Array, version: number): Pair {
    const key = this.#key(sender, name);
    const known = this.#in(this.#newer, key, sender, name);
    if (known !== undefined) {
      known.stateVersion = version;
      return known;
    }
    if (this.#newerSize >= this.#half) {
      this.#older = this.#newer;
      this.#olderSize = this.#newerSize;
      this.#newer = new Map();
      this.#newerSize = 0;
    }
    const pair = new Pair(sender, name, key, version, this.#newer.get(key));
    this.#newer.set(key, pair);
    this.#newerSize++;
    return pair;
  }

  #in(map: Map<number, Pair>, key: number, sender: AttachmentNumber, name: Uint8Array): Pair | undefined {
    let pair = map.get(key);
    while (pair !== undefined && !pair.is(sender, name)) pair = pair.next;
    return pair;
  }

  #key(sender: AttachmentNumber, name: Uint8Array): number {
    return hashBytes(this.#seed ^ sender, name, 0, Math.min(name.length, MAX_KEY_BYTES)) & KEY_BITS;
  }
}
