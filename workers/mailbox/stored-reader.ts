/**
 * Reads the tails of mailboxes, from their fronts. What is damaged is skipped and counted; a store that cannot be read
 * keeps its mail, and is asked again.
 *
 * A read cannot be taken back: whoever wanted it may leave, and the store works on it all the same. So there is one
 * read a mailbox at most, which the next who wants it waits for, and so many in all; the names of the others wait in
 * order.
 */
import { type Entry, messageRange, readMessage, readMessageKey, type StoredMessage } from '../../src/store/format.ts';
import type { Name } from '../names/name.ts';
import type { Mailbox } from './mailbox.ts';
import { isDamage, type Store } from './store.ts';

/**
 * Reads of one shard under way: the system has four threads for them, and each brings about a head's worth of memory.
 */
const MAX_READS = 16;

export interface TailEdges {
  /** So much of a tail is in memory now. */
  readonly read: (bytes: number) => void;
  /** Mail that was counted is not there, or is none; of one that is none the size is not known yet. */
  readonly damaged: (name: Name, count: number, bytes: number) => void;
  /** More of the front of a name's mail is in memory. */
  readonly ready: (name: Name) => void;
  /** The store has answered. */
  readonly answered: () => void;
  readonly unreadable: (error: Error) => void;
}

export class TailReader {
  readonly #store: Store;
  readonly #maxBytes: number;
  readonly #edges: TailEdges;
  #reads = 0;
  /** Whose front is to be read when the store has answered others. */
  readonly #waiting = new Set<Name>();

  /** @param maxBytes about how much is read at a time */
  constructor(store: Store, maxBytes: number, edges: TailEdges) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#edges = edges;
  }

  /** Whether the store has not answered every read that is wanted. */
  get reading(): boolean {
    return this.#reads > 0 || this.#waiting.size > 0;
  }

  /**
   * Moves the front of the tail to the head, as far as it is committed, if somebody is there for it then.
   * @param maxBytes about how much of it
   */
  fill(name: Name, mailbox: Mailbox, maxBytes = this.#maxBytes): void {
    const use = (messages: readonly StoredMessage[]) => {
      if (name.holder !== undefined) this.#toHead(mailbox, messages);
    };
    this.read(name, mailbox, use, maxBytes);
  }

  /** Moves to the head what of the front of the tail is in `entries`. */
  fillWith(name: Name, mailbox: Mailbox, entries: readonly Entry[]): void {
    const messages = this.#decoded(name, mailbox, entries);
    // Behind a gap in the numbers may be what is on disk already.
    const gap = messages.findIndex(({ number }, index) => number !== mailbox.tailFrom + index);
    this.#toHead(mailbox, gap < 0 ? messages : messages.slice(0, gap));
    this.#sayMissing(name, mailbox);
  }

  /** Reads the front of the tail, as far as it is committed, and gives it to `use` if it is the front still. */
  read(
    name: Name,
    mailbox: Mailbox,
    use: (messages: readonly StoredMessage[]) => void,
    maxBytes = this.#maxBytes,
  ): void {
    if (mailbox.reading) return;
    if (this.#reads >= MAX_READS) {
      this.#waiting.add(name);
      return;
    }
    const { tailFrom: from, committedTo: before, order } = mailbox;
    this.#reads++;
    mailbox.reading = true;
    this.#store.read(messageRange(name.bytes, from, before), maxBytes, (error, entries) => {
      this.#reads--;
      mailbox.reading = false;
      // A store that cannot be read is asked again later: by the next tick, or when it is written.
      if (error !== undefined) this.#edges.unreadable(error);
      if ((error === undefined || isDamage(error)) && name.mailbox === mailbox) {
        // What was put before it meanwhile goes first, so the front is read anew.
        if (mailbox.tailFrom === from && mailbox.order === order) {
          if (entries.length > 0) use(this.#decoded(name, mailbox, entries));
          // The store has nothing where it must have mail, or nothing that can ever be read.
          else mailbox.tailFrom = Math.min(before, mailbox.tailTo);
          this.#sayMissing(name, mailbox);
        }
        this.#edges.ready(name);
      }
      this.#readNext();
      this.#edges.answered();
    });
  }

  #sayMissing(name: Name, mailbox: Mailbox): void {
    // More is counted than there are numbers left: so much of what was passed is not there.
    const missing = mailbox.trimTail();
    if (missing > 0) this.#edges.damaged(name, missing, 0);
    // What was damaged or missing has taken its size with it.
    if (mailbox.tailCount === 0 && mailbox.tailBytes !== 0) this.#edges.damaged(name, 0, mailbox.forgetTail().bytes);
  }

  /** Asks for what waited; a name that wants nothing any more does not begin a read. */
  #readNext(): void {
    for (const name of this.#waiting) {
      if (this.#reads >= MAX_READS) return;
      this.#waiting.delete(name);
      this.#edges.ready(name);
    }
  }

  /** What of the entries is mail. */
  #decoded(name: Name, mailbox: Mailbox, entries: readonly Entry[]): StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (const [key, value] of entries) {
      const message = readMessage(key, value);
      if (message !== undefined) messages.push(message);
      else {
        mailbox.skipInTail(readMessageKey(key)?.number);
        this.#edges.damaged(name, 1, 0);
      }
    }
    return messages;
  }

  #toHead(mailbox: Mailbox, messages: readonly StoredMessage[]): void {
    let bytes = 0;
    for (const { frame, body, heldAt, number } of messages) {
      mailbox.head.push(frame, 0, frame.length, body, heldAt, number);
      bytes += frame.length;
    }
    const last = messages[messages.length - 1];
    if (last !== undefined) mailbox.takeFromTail(messages.length, bytes, last.number);
    this.#edges.read(bytes);
  }
}
