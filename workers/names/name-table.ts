/** The names that a shard knows: a hash table by the bytes of a name, so that no string is made for a look-up. */
import { randomInt } from 'node:crypto';
import { firstNumberAt } from '../../src/store/numbers.ts';
import { Name } from './name.ts';
import { hashBytes } from './seeded-hash.ts';

const FIRST_BUCKETS = 1024;

export class NameTable {
  #buckets: (Name | undefined)[] = new Array<Name | undefined>(FIRST_BUCKETS).fill(undefined);
  #size = 0;
  #changes = 0;
  /** The seed is secret, so that nobody can choose names that all fall into one bucket. */
  readonly #seed: number;
  readonly #holds: boolean;
  readonly #now: () => number;

  /**
   * @param now seconds since 1970
   * @param holds whether mail is held for names that are away; if not, no name is remembered
   */
  constructor(now: () => number, seed: number = randomInt(2 ** 31), holds = true) {
    this.#now = now;
    this.#seed = seed;
    this.#holds = holds;
  }

  get size(): number {
    return this.#size;
  }

  /** Rises whenever a name is added or removed. */
  get changes(): number {
    return this.#changes;
  }

  /** The number of buckets. Their indices begin at 0. */
  get buckets(): number {
    return this.#buckets.length;
  }

  /** The name of these bytes, or of `length` bytes from `start` on; undefined if it is not known. */
  find(bytes: Uint8Array, start = 0, length = bytes.length): Name | undefined {
    const hash = this.#hash(bytes, start, length);
    let name = this.#buckets[hash & (this.#buckets.length - 1)];
    while (name !== undefined && !(name.hash === hash && same(name.bytes, bytes, start, length))) name = name.next;
    return name;
  }

  /** The name of these bytes. It is added if it is not known; the bytes are then kept, and must not change. */
  findOrAdd(bytes: Uint8Array): Name {
    const known = this.find(bytes);
    if (known !== undefined) return known;
    if (this.#size >= this.#buckets.length) this.#grow();
    const name = new Name(bytes, this.#hash(bytes, 0, bytes.length), firstNumberAt(this.#now()), this.#holds);
    this.#insert(name);
    this.#size++;
    this.#changes++;
    return name;
  }

  /** Removes a name, if it is in the table. */
  remove(name: Name): void {
    const index = name.hash & (this.#buckets.length - 1);
    let at = this.#buckets[index];
    if (at === name) this.#buckets[index] = name.next;
    else {
      while (at !== undefined && at.next !== name) at = at.next;
      if (at === undefined) return;
      at.next = name.next;
    }
    name.next = undefined;
    this.#size--;
    this.#changes++;
  }

  /** Visits every name in bucket `index`. The visitor may remove the name that it is given. */
  forEachIn(index: number, visit: (name: Name) => void): void {
    let name = this.#buckets[index];
    while (name !== undefined) {
      const next = name.next;
      visit(name);
      name = next;
    }
  }

  /** Visits every name. The visitor may remove the name that it is given. */
  forEach(visit: (name: Name) => void): void {
    for (let index = 0; index < this.#buckets.length; index++) this.forEachIn(index, visit);
  }

  /** The hash of a name that need not be known. */
  hashOf(name: Uint8Array): number {
    return this.#hash(name, 0, name.length);
  }

  #insert(name: Name): void {
    const index = name.hash & (this.#buckets.length - 1);
    name.next = this.#buckets[index];
    this.#buckets[index] = name;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Array<Name | undefined>(old.length * 2).fill(undefined);
    for (let name of old) {
      while (name !== undefined) {
        const next: Name | undefined = name.next;
        this.#insert(name);
        name = next;
      }
    }
  }

  #hash(bytes: Uint8Array, start: number, length: number): number {
    return hashBytes(this.#seed, bytes, start, length);
  }
}

function same(name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
