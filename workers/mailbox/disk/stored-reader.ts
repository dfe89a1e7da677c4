/**
 * Reads mail from the store, always the first of a mailbox that waits there.
 *
 * What must be true:
 * 1. Only what is committed is read.
 * 2. What is damaged, or is not there, is skipped and counted. It never keeps the mail behind it from being read.
 * 3. When the store cannot be read, its mail stays where it is, and is read again later.
 * 4. At most one read of a mailbox is under way, and at most `MAX_READS` of all: a read goes on when the peer that it
 *    was for has left, and the next peer of the name uses what it brings.
 */
import {
  type Entry,
  messageRange,
  readMessage,
  readMessageKey,
  type StoredMessage,
} from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Mailbox } from '../mailbox.ts';
import { isDamage, type Store } from '../store.ts';

/** Reads of one shard that may be under way: the process has four threads for them, and each read takes memory. */
const MAX_READS = 16;

export interface StoredReaderEdges {
  /** So many bytes that were in the store are in memory now. */
  readonly read: (bytes: number) => void;
  /**
   * Messages that were counted are not there, or are none. Their bytes are said once the rest is read: until then
   * nobody knows how many they are.
   */
  readonly damaged: (name: Name, count: number, bytes: number) => void;
  /** More of the name's mail is in memory, or may be read now. */
  readonly ready: (name: Name) => void;
  /** The store has answered a read. */
  readonly answered: () => void;
  /** Something could not be read. */
  readonly unreadable: (error: Error) => void;
}

export class StoredReader {
  readonly #store: Store;
  readonly #maxBytes: number;
  readonly #edges: StoredReaderEdges;
  #reads = 0;
  /** Names that are to be read when the store has answered others, in the order in which they asked. */
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
   * Reads the first messages that wait, and moves them to the front of the mailbox if the name has a holder then.
   * @param maxBytes about how much is read
   */
  readToFront(name: Name, mailbox: Mailbox, maxBytes = this.#maxBytes): void {
    const use = (messages: readonly StoredMessage[]) => {
      if (name.holder !== undefined) this.#push(mailbox, messages);
    };
    this.read(name, mailbox, use, maxBytes);
  }

  /** Moves the first messages that wait to the front of the mailbox, as far as they are in `entries`. */
  moveToFront(name: Name, mailbox: Mailbox, entries: readonly Entry[]): void {
    const messages = this.#decoded(name, mailbox, entries);
    // What is missing between two of them may be in the store already, so what is behind it must wait.
    const gap = messages.findIndex(({ number }, index) => number !== mailbox.stored.from + index);
    this.#push(mailbox, gap < 0 ? messages : messages.slice(0, gap));
    this.#sayMissing(name, mailbox);
  }

  /** Reads the first messages that wait, and gives them to `use` if they are still the first when they are read. */
  read(
    name: Name,
    mailbox: Mailbox,
    use: (messages: readonly StoredMessage[]) => void,
    maxBytes = this.#maxBytes,
  ): void {
    const { stored } = mailbox;
    if (stored.reading) return;
    // `use` need not be kept: when it is the name's turn, `ready` is called, and asks for what is to be read then.
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
      if (error !== undefined) this.#edges.unreadable(error);
      // Beside damage `entries` has what can be read all the same. After any other error nothing is known: the mail
      // is read again at the next tick, or when more of it is written.
      const isAnswer = error === undefined || isDamage(error);
      if (isAnswer && name.mailbox === mailbox) {
        // If mail was stored before these meanwhile, that goes first: `ready` has it read.
        const isFirst = stored.from === from && stored.order === order;
        if (isFirst) this.#take(name, mailbox, committedTo, entries, use);
        this.#edges.ready(name);
      }
      this.#readNext();
      this.#edges.answered();
    });
  }

  /** Uses what was read of the messages up to `committedTo`. */
  #take(
    name: Name,
    mailbox: Mailbox,
    committedTo: number,
    entries: readonly Entry[],
    use: (messages: readonly StoredMessage[]) => void,
  ): void {
    if (entries.length > 0) use(this.#decoded(name, mailbox, entries));
    // The store has none of the messages that it must have, or none that can be read.
    else mailbox.stored.skipTo(committedTo);
    this.#sayMissing(name, mailbox);
  }

  /** Takes from the count what must have stood before what was read, and was not there. */
  #sayMissing(name: Name, mailbox: Mailbox): void {
    // More is counted than there are numbers left.
    const missing = mailbox.stored.trim();
    if (missing > 0) this.#edges.damaged(name, missing, 0);
    // Nothing is left, so these are the bytes of all that was damaged or missing.
    const { count, bytes } = mailbox.stored;
    if (count === 0 && bytes !== 0) this.#edges.damaged(name, 0, mailbox.stored.forgetBytes());
  }

  /** Lets names read that waited. One that has nothing to read any more begins no read, and the next has its turn. */
  #readNext(): void {
    for (const name of this.#waiting) {
      if (this.#reads >= MAX_READS) return;
      this.#waiting.delete(name);
      this.#edges.ready(name);
    }
  }

  /** The messages among the entries. What is none is skipped and counted. */
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
