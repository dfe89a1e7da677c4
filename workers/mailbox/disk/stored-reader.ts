/**
 * Reads what of mailboxes lies in the store, from its beginning. What is damaged is skipped and counted; a store that
 * cannot be read keeps its mail, and is asked again.
 *
 * A read cannot be taken back: whoever wanted it may leave, and the store works on it all the same. So there is one
 * read a mailbox at most, which the next who wants it waits for, and so many in all; the names of the others wait in
 * order.
 */
import {
  type Entry,
  messageRange,
  readMessage,
  readMessageKey,
  type StoredMessage,
} from '../../../src/store/format.ts';
import type { Name } from '../../names/name-table.ts';
import type { Mailbox } from '../mailbox.ts';
import { isDamage, type Store } from '../store.ts';

/**
 * Reads of one shard that may be under way: the system has four threads for them, and each takes memory.
 */
const MAX_READS = 16;

export interface StoredReaderEdges {
  /** So much of what was in the store is in memory now. */
  readonly read: (bytes: number) => void;
  /** Mail that was counted is not there, or is none; of one that is none the size is not known yet. */
  readonly damaged: (name: Name, count: number, bytes: number) => void;
  /** More of the front of a name's mail is in memory. */
  readonly ready: (name: Name) => void;
  /** The store has answered. */
  readonly answered: () => void;
  readonly unreadable: (error: Error) => void;
}

export class StoredReader {
  readonly #store: Store;
  readonly #maxBytes: number;
  readonly #edges: StoredReaderEdges;
  #reads = 0;
  /** Whose front is to be read when the store has answered others. */
  readonly #waiting = new Set<Name>();

  /** @param maxBytes about how much is read at a time */
  constructor(store: Store, maxBytes: number, edges: StoredReaderEdges) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#edges = edges;
  }

  /** Whether the store has not answered every read that is wanted. */
  get reading(): boolean {
    return this.#reads > 0 || this.#waiting.size > 0;
  }

  /**
   * Reads the first that wait to the front of the mailbox, as far as they are committed, if the name has a holder then.
   * @param maxBytes about how much of it
   */
  readToFront(name: Name, mailbox: Mailbox, maxBytes = this.#maxBytes): void {
    const use = (messages: readonly StoredMessage[]) => {
      if (name.holder !== undefined) this.#push(mailbox, messages);
    };
    this.read(name, mailbox, use, maxBytes);
  }

  /** Moves to the front of the mailbox the first that wait in the store, as far as they are in `entries`. */
  moveToFront(name: Name, mailbox: Mailbox, entries: readonly Entry[]): void {
    const messages = this.#decoded(name, mailbox, entries);
    // Behind a gap in the numbers may be what is on disk already.
    const gap = messages.findIndex(({ number }, index) => number !== mailbox.stored.from + index);
    this.#push(mailbox, gap < 0 ? messages : messages.slice(0, gap));
    this.#sayMissing(name, mailbox);
  }

  /** Reads the first that wait, as far as they are committed, and gives them to `use` if they are still the first. */
  read(
    name: Name,
    mailbox: Mailbox,
    use: (messages: readonly StoredMessage[]) => void,
    maxBytes = this.#maxBytes,
  ): void {
    const { stored } = mailbox;
    if (stored.reading) return;
    if (this.#reads >= MAX_READS) {
      this.#waiting.add(name);
      return;
    }
    const { from, committedTo, order } = stored;
    this.#reads++;
    stored.beginRead();
    this.#store.read(messageRange(name.bytes, from, committedTo), maxBytes, (error, entries) => {
      this.#reads--;
      stored.endRead();
      // A store that cannot be read is asked again later: by the next tick, or when it is written.
      if (error !== undefined) this.#edges.unreadable(error);
      if ((error === undefined || isDamage(error)) && name.mailbox === mailbox) {
        // What was put before it meanwhile goes first, so the front is read anew.
        if (stored.from === from && stored.order === order) {
          if (entries.length > 0) use(this.#decoded(name, mailbox, entries));
          // The store has nothing where it must have mail, or nothing that can ever be read.
          else stored.skipTo(committedTo);
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
    const missing = mailbox.stored.trim();
    if (missing > 0) this.#edges.damaged(name, missing, 0);
    // What was damaged or missing has taken its size with it.
    const { count, bytes } = mailbox.stored;
    if (count === 0 && bytes !== 0) this.#edges.damaged(name, 0, mailbox.stored.forgetBytes());
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
        mailbox.stored.skip(readMessageKey(key)?.number);
        this.#edges.damaged(name, 1, 0);
      }
    }
    return messages;
  }

  #push(mailbox: Mailbox, messages: readonly StoredMessage[]): void {
    let bytes = 0;
    for (const { frame, body, heldAt, number } of messages) {
      mailbox.front.push(frame, 0, frame.length, body, heldAt, number);
      bytes += frame.length;
    }
    const last = messages[messages.length - 1];
    if (last !== undefined) mailbox.stored.take(messages.length, bytes, last.number);
    this.#edges.read(bytes);
  }
}
