/**
 * Reads mail from the store: always the first messages of a mailbox that wait there.
 *
 * What must be true:
 * 1. Only committed mail is read (I17).
 * 2. A message that is damaged or missing is skipped and counted. It never blocks the mail behind it.
 * 3. When the store cannot be read, its mail stays where it is, and is read again later.
 * 4. At most one read of a mailbox is under way, and at most `MAX_READS` in all. If the peer leaves during a read, the
 *    read goes on, and its result is for the next holder of the name.
 */
import {
  type Entry,
  messageRange,
  readMessage,
  readMessageKey,
  type StoredMessage,
} from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import { Oldest } from '../../names/oldest.ts';
import type { Mailbox } from '../mailbox.ts';
import { isDamage, type Store } from '../store.ts';

/** So many reads of one shard may be under way. The process has four threads for reads, and each read takes memory. */
const MAX_READS = 16;

export interface StoredReaderEdges {
  /** So many bytes were moved from the store to memory. */
  readonly read: (bytes: number) => void;
  /**
   * Messages that were counted are missing or damaged. How many bytes they had is known only when the rest is read.
   * Then a call with a count of 0 has these bytes.
   */
  readonly damaged: (name: Name, count: number, bytes: number) => void;
  /** Whether a message that a read has found was dropped before. */
  readonly wasDropped: (mailbox: Mailbox, number: number) => boolean;
  /** A read of the mailbox is over. */
  readonly readOver: (mailbox: Mailbox) => void;
  /** More mail of the name is in memory, or can be read now. */
  readonly ready: (name: Name) => void;
  /** The store has answered a read. */
  readonly answered: () => void;
  readonly unreadable: (error: Error) => void;
}

export class StoredReader {
  readonly #store: Store;
  readonly #maxBytes: number;
  readonly #edges: StoredReaderEdges;
  #reads = 0;
  /** Names whose reads wait for others to end, in the order in which they asked. */
  readonly #waiting = new Map<Name, true>();
  readonly #oldest = new Oldest(this.#waiting);

  /** @param maxBytes about how much is read at a time */
  constructor(store: Store, maxBytes: number, edges: StoredReaderEdges) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#edges = edges;
  }

  /** Whether any read is under way or waits. */
  get reading(): boolean {
    return this.#reads > 0 || this.#waiting.size > 0;
  }

  /**
   * Reads the first messages that wait. They are moved to the front of the mailbox if the name has a holder by then.
   * @param maxBytes about how much is read
   */
  readToFront(name: Name, mailbox: Mailbox, maxBytes = this.#maxBytes): void {
    const use = (messages: readonly StoredMessage[]) => {
      if (name.holder !== undefined) this.putToFront(mailbox, messages);
    };
    this.read(name, mailbox, use, maxBytes);
  }

  /** Moves the first messages that wait to the front of the mailbox, as far as they are in `entries`. */
  moveToFront(name: Name, mailbox: Mailbox, entries: readonly Entry[]): void {
    const messages = this.#decoded(name, mailbox, entries);
    // The messages in a gap may be in the store already, and then those behind the gap must wait for them.
    const gap = messages.findIndex(({ number }, index) => number !== mailbox.stored.from + index);
    this.putToFront(mailbox, gap < 0 ? messages : messages.slice(0, gap));
    this.#sayMissing(name, mailbox);
  }

  /**
   * Reads the first messages that wait. They are passed to `use` if they are still the first when the store answers.
   */
  read(
    name: Name,
    mailbox: Mailbox,
    use: (messages: readonly StoredMessage[]) => void,
    maxBytes = this.#maxBytes,
  ): void {
    const { from, committedTo } = mailbox.stored;
    this.#begin(name, mailbox, from, maxBytes, (entries) => {
      // If mail was taken meanwhile, these messages are not the first. `ready` starts the read for those.
      if (mailbox.stored.from === from) this.#take(name, mailbox, committedTo, entries, use);
    });
  }

  /**
   * Reads messages that wait, and leaves them where they are.
   * @param from the number of the first
   * @param use gets what is in the store, valid or not; nothing if nothing is there
   */
  look(name: Name, mailbox: Mailbox, from: number, maxBytes: number, use: (entries: readonly Entry[]) => void): void {
    this.#begin(name, mailbox, from, maxBytes, use);
  }

  #begin(name: Name, mailbox: Mailbox, from: number, maxBytes: number, use: (entries: readonly Entry[]) => void): void {
    const { stored } = mailbox;
    if (stored.reading) return;
    // `use` need not be kept: when it is the name's turn, `ready` is called, and asks for what is to be read then.
    if (this.#reads >= MAX_READS) {
      this.#waiting.set(name, true);
      return;
    }
    const { committedTo, order } = stored;
    this.#reads++;
    stored.noteRead(true);
    this.#store.read(messageRange(name.bytes, from, committedTo), maxBytes, (error, entries) => {
      this.#reads--;
      stored.noteRead(false);
      if (error !== undefined) this.#edges.unreadable(error);
      // Beside damage, `entries` has what can be read all the same. After any other error nothing is known: the mail
      // is read again at the next tick, or when more mail of the name is written.
      const isAnswer = (error === undefined || isDamage(error)) && name.mailbox === mailbox;
      // If mail was stored before these messages meanwhile, it must go first. `ready` starts the read for it.
      if (isAnswer && stored.order === order) use(entries);
      this.#edges.readOver(mailbox);
      if (isAnswer) this.#edges.ready(name);
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
    // The messages are committed, but the store has none of them, or none that can be read.
    else mailbox.stored.skipTo(committedTo);
    this.#sayMissing(name, mailbox);
  }

  /** Stops counting messages that should be in the store and were not found. */
  #sayMissing(name: Name, mailbox: Mailbox): void {
    // More messages are counted than numbers are left.
    const missing = mailbox.stored.trim();
    if (missing > 0) this.#edges.damaged(name, missing, 0);
    // No message is left, so the bytes still counted are those of all damaged or missing messages.
    const { count, bytes } = mailbox.stored;
    if (count === 0 && bytes !== 0) this.#edges.damaged(name, 0, mailbox.stored.forgetBytes());
  }

  /** Starts reads that waited. A name that has nothing to read any more starts none, and the next one follows. */
  #readNext(): void {
    while (this.#reads < MAX_READS) {
      const oldest = this.#oldest.find();
      if (oldest === undefined) return;
      this.#waiting.delete(oldest[0]);
      this.#edges.ready(oldest[0]);
    }
  }

  /** The valid messages among the entries that wait. An entry that is none is skipped and counted. */
  #decoded(name: Name, mailbox: Mailbox, entries: readonly Entry[]): StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (const [key, value] of entries) {
      const message = readMessage(key, value);
      if (message !== undefined && this.#edges.wasDropped(mailbox, message.number)) {
        if (messages.length === 0) mailbox.stored.skipTo(message.number + 1);
      } else if (message !== undefined) messages.push(message);
      else {
        mailbox.stored.skip(readMessageKey(key)?.number);
        this.#edges.damaged(name, 1, 0);
      }
    }
    return messages;
  }

  /** Moves the first messages that wait to the front of the mailbox. */
  putToFront(mailbox: Mailbox, messages: readonly StoredMessage[]): void {
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
