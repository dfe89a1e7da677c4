/**
 * Drops mail that is too old: it was held for longer than HOLD_SECONDS, or for longer than its sender wishes.
 *
 * HOLD_SECONDS is the same for all mail, so the mail that is too old is always the first of a mailbox. A message that
 * expires may be anywhere. `firstExpiry` of a queue and of the stored part tells when to search for such.
 *
 * What must be true:
 * 1. No message that has expired is at the front or the back after `drop` (so none is delivered late).
 * 2. A message that is dropped is counted, and is given to `dropped`, from which its sender may be told.
 * 3. A search through the store reads about SEARCH_BYTES a second of one mailbox, however many messages expire in turn.
 */
import type { Frames } from '../../src/shared/wire/frames/frames.ts';
import { NEVER } from '../../src/shared/wire/frames/message-head.ts';
import { readMessage, readMessageKey, type StoredMessage } from '../../src/store/format.ts';
import type { Name } from '../names/name.ts';
import type { Disk } from './disk/disk.ts';
import type { Limits } from './limits/limits.ts';
import type { MailDrops } from './limits/mail-drops.ts';
import type { Mailbox } from './mailbox.ts';
import type { StoredPart } from './stored-part.ts';

/** A search reads so much of the store at a time. After a whole search the next one waits a second for each. */
const SEARCH_BYTES = 1024 * 1024;

/** A search through the stored part of a mailbox, as far as it has come. */
class Search {
  readonly order: number;
  /** It ends before this number. What was stored later tells its expiry itself. */
  readonly #to: number;
  /** The number from which on it goes on. */
  next: number;
  /** When the first of the messages that stay expires. */
  soonest = NEVER;
  /** The bytes that were read. */
  bytes = 0;
  /** When the next search may begin, in seconds since 1970. */
  pausedUntil = 0;

  constructor(stored: StoredPart) {
    stored.beginSearch();
    this.order = stored.order;
    this.next = stored.from;
    this.#to = stored.to;
  }

  get done(): boolean {
    return this.next >= this.#to;
  }

  foundUpTo(number: number): void {
    this.next = number + 1;
  }
}

export interface ExpiryEdges {
  readonly limits: Limits;
  readonly disk: Disk | undefined;
  readonly drops: MailDrops;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Expiry {
  readonly #holdSeconds: number;
  readonly #edges: ExpiryEdges;
  readonly #searches = new WeakMap<Mailbox, Search>();

  /** @param holdSeconds 0 if mail waits only for connected peers, and is dropped only when its sender wishes that */
  constructor(holdSeconds: number, edges: ExpiryEdges) {
    this.#holdSeconds = holdSeconds;
    this.#edges = edges;
  }

  /** Drops mail of `name`. The store is searched now or later. @returns whether anything in memory was dropped */
  drop(name: Name, mailbox: Mailbox): boolean {
    const now = this.#edges.now();
    const { front, back } = mailbox;
    const count = front.count + back.count;
    if (this.#holdSeconds > 0) this.#dropOld(name, mailbox, now - this.#holdSeconds);
    if (mailbox.firstExpiry <= now) this.#dropExpired(name, mailbox, now);
    const dropped = front.count + back.count < count;
    this.#edges.left(name, mailbox);
    return dropped;
  }

  /** Drops mail that was held before `oldest`. The store is searched only while nothing of it is to be delivered. */
  #dropOld(name: Name, mailbox: Mailbox, oldest: number): void {
    const { disk } = this.#edges;
    const dropped = (frame: Frames) => this.#edges.drops.fromMemory(name, 'TOO_OLD', frame);
    mailbox.front.dropHeldBefore(oldest, dropped);
    mailbox.back.dropHeldBefore(oldest, dropped);
    const { stored } = mailbox;
    const isUndelivered = name.holder === undefined || name.unsettled !== undefined;
    if (stored.count > 0 && stored.oldest < oldest && isUndelivered && stored.readable) {
      disk?.reader.read(name, mailbox, (messages) => this.#dropOldStored(name, mailbox, messages, oldest));
    }
  }

  /** @param messages the first messages that wait in the store */
  #dropOldStored(name: Name, mailbox: Mailbox, messages: readonly StoredMessage[], oldest: number): void {
    const kept = messages.findIndex(({ heldAt }) => heldAt >= oldest);
    const old = kept < 0 ? messages : messages.slice(0, kept);
    this.#edges.disk?.removal.dropFirst(name, mailbox, old);
    for (const { frame, body } of old) this.#edges.drops.counted(name, 'TOO_OLD', frame, body);
    const first = messages[kept];
    if (first !== undefined) mailbox.stored.noteOldest(first.heldAt);
    this.#edges.left(name, mailbox);
  }

  #dropExpired(name: Name, mailbox: Mailbox, now: number): void {
    const dropped = (frame: Frames) => this.#edges.drops.fromMemory(name, 'EXPIRED', frame);
    mailbox.front.dropExpired(now, dropped);
    mailbox.back.dropExpired(now, dropped);
    if (mailbox.stored.firstExpiry <= now && mailbox.stored.readable) this.#search(name, mailbox, now);
  }

  /** Searches the store for messages that have expired. Each read that ends comes here again, for the next one. */
  #search(name: Name, mailbox: Mailbox, now: number): void {
    const { stored } = mailbox;
    let search = this.#searches.get(mailbox);
    if (search?.order !== stored.order || (search.done && search.pausedUntil <= now)) {
      search = new Search(stored);
      this.#searches.set(mailbox, search);
      if (search.done) stored.endSearch(NEVER);
    }
    if (search.done || search.next >= stored.committedTo) return;
    const current = search;
    const { committedTo } = stored; // more may be committed during the read
    this.#edges.disk?.reader.look(name, mailbox, search.next, SEARCH_BYTES, (entries) => {
      for (const [key, value] of entries) {
        current.bytes += value.length;
        const message = readMessage(key, value);
        if (message !== undefined) this.#found(name, mailbox, message, current);
      }
      const last = entries[entries.length - 1];
      current.foundUpTo((last && readMessageKey(last[0])?.number) ?? committedTo - 1);
      if (current.done) {
        current.pausedUntil = this.#edges.now() + Math.ceil(current.bytes / SEARCH_BYTES);
        stored.endSearch(current.soonest);
      }
      this.#edges.left(name, mailbox);
    });
  }

  #found(name: Name, mailbox: Mailbox, message: StoredMessage, search: Search): void {
    const { stored } = mailbox;
    const { frame, body, number, expiry } = message;
    const { disk, limits, now } = this.#edges;
    if (expiry > now()) search.soonest = Math.min(search.soonest, expiry);
    else if (number >= stored.from && disk?.removal.wasDropped(mailbox, number) === false) {
      disk.removal.drop(name, mailbox, message);
      this.#edges.drops.counted(name, 'EXPIRED', frame, body);
      // The bytes that are counted still are those of damaged messages.
      if (stored.count === 0) limits.release(0, stored.forgetBytes());
    }
  }

  /** Drops all mail that is in memory: its name is forgotten. */
  dropMemory(name: Name, { front, back }: Mailbox): void {
    for (const queue of [front, back]) {
      queue.dropHeldBefore(Number.POSITIVE_INFINITY, (frame) => this.#edges.drops.forgotten(name, frame));
    }
  }
}
