/**
 * The names a shard knows, found by their bytes: no string is made to look one up.
 */
import { randomInt } from 'node:crypto';
import { isAddressable } from '../../src/protocol/plain/address.ts';
import { fullNumber } from '../../src/shared/common/serial.ts';
import { FIRST_NUMBER } from '../../src/store/format.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Attachment } from './attachment.ts';

const FIRST_BUCKETS = 1024;
/** A name that begins with a tilde is not remembered: it is for peers that come once, such as a health check. */
const TILDE = 0x7e;

/** One name and what the shard decides by it. Most are away and hold nothing, so the rest is optional. */
export class Name {
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** The next name of the same bucket. */
  next: Name | undefined;

  /** The attachment that receives under this name. Set in lifecycle.ts, as is `unsettled`. */
  readonly holder: Attachment | undefined;
  /** The holder before, as long as not every frame it was handed is accounted for. Until then nobody is fed. */
  readonly unsettled: Attachment | undefined;
  /** The number of its next frame, handed out at once or held. */
  nextNumber = FIRST_NUMBER;
  /** Mail that waits, or that the store has of it; undefined if there is none. */
  mailbox: Mailbox | undefined;
  /** True when the store knows of it. */
  indexed = false;
  /** Changes whenever what a sender would be told of this name changes. Set in sender-notices.ts, as is `full`. */
  readonly stateVersion: number = 0;
  /** Whether senders are told that its mailbox is full. */
  readonly full: boolean = false;
  /** True while it is remembered, nobody is attached and nothing is unsettled. Set in away-names.ts. */
  readonly away: boolean = false;
  /** When its last holder left, in seconds. */
  readonly awaySince: number = 0;

  /** Frames of this turn that go straight to the holder: a list by index. Set in turn-deliveries.ts. */
  readonly firstTurnFrame: number = -1;
  readonly lastTurnFrame: number = -1;
  readonly turnFrames: number = 0;
  readonly turnBytes: number = 0;
  /** The number of the first of them; the others follow it without a gap. */
  readonly firstTurnNumber: number = 0;

  /** Whether it is remembered, and mail held for it, while it is away. */
  readonly remembered: boolean;

  /** Whether it is among the idle names, and its neighbours there. Set in idle-names.ts. */
  readonly idle: boolean = false;
  readonly olderIdle: Name | undefined;
  readonly newerIdle: Name | undefined;

  /** @param holds whether mail is held for names that are away */
  constructor(bytes: Uint8Array, hash: number, holds = true) {
    this.bytes = bytes;
    this.hash = hash;
    this.remembered = holds && bytes[0] !== TILDE && isAddressable(bytes);
  }

  /** Frames up to this number (modulo 2^32) were handed out before this shard began: the next numbers are greater. */
  continueBehind(handedNumber: number): void {
    this.nextNumber = Math.max(this.nextNumber, fullNumber(handedNumber, this.nextNumber) + 1);
  }

  /**
   * The messages that its holder gets before anything newer: its mailbox, and what the holder before did not write.
   */
  get waitingMessages(): number {
    const back = this.remembered ? (this.unsettled?.unwrittenFrames ?? 0) : 0;
    return back + (this.mailbox?.count ?? 0);
  }
}

/**
 * A name as the one class sees it that may set these of its fields. For everybody else they are read-only; they stand
 * in the name so that a name is one object, and found with one look-up.
 */
export type Owned<Fields extends keyof Name> = Omit<Name, Fields> & { -readonly [Field in Fields]: Name[Field] };

/** A name's bytes as the key of a Map. */
export function nameKey(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}

/** A hash table from a name's bytes to its Name. */
export class NameTable {
  #buckets: (Name | undefined)[] = new Array<Name | undefined>(FIRST_BUCKETS).fill(undefined);
  #size = 0;
  #changes = 0;
  /** Secret, so that nobody can choose names that all fall into one bucket. */
  readonly #seed: number;
  readonly #holds: boolean;

  /** @param holds whether mail is held for names that are away: otherwise none is remembered */
  constructor(seed: number = randomInt(2 ** 31), holds = true) {
    this.#seed = seed;
    this.#holds = holds;
  }

  get size(): number {
    return this.#size;
  }

  /** Rises whenever a name becomes known or unknown. */
  get changes(): number {
    return this.#changes;
  }

  get buckets(): number {
    return this.#buckets.length;
  }

  find(bytes: Uint8Array, start = 0, length = bytes.length): Name | undefined {
    const hash = this.#hash(bytes, start, length);
    let name = this.#buckets[hash & (this.#buckets.length - 1)];
    while (name !== undefined && !(name.hash === hash && same(name.bytes, bytes, start, length))) name = name.next;
    return name;
  }

  /** The name of these bytes, which becomes known if it was not. The bytes are kept. */
  findOrAdd(bytes: Uint8Array): Name {
    const known = this.find(bytes);
    if (known !== undefined) return known;
    if (this.#size >= this.#buckets.length) this.#grow();
    const name = new Name(bytes, this.#hash(bytes, 0, bytes.length), this.#holds);
    this.#insert(name);
    this.#size++;
    this.#changes++;
    return name;
  }

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

  /** Every name in bucket `index`; it may be removed while it is looked at. */
  forEachIn(index: number, visit: (name: Name) => void): void {
    let name = this.#buckets[index];
    while (name !== undefined) {
      const next = name.next;
      visit(name);
      name = next;
    }
  }

  forEach(visit: (name: Name) => void): void {
    for (let index = 0; index < this.#buckets.length; index++) this.forEachIn(index, visit);
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

/** A hash that who does not know `seed` cannot make collide. */
export function hashBytes(seed: number, bytes: Uint8Array, start: number, length: number): number {
  let hash = seed;
  const end = start + length;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x5bd1e995) ^ (hash >>> 15);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function same(name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
