/**
 * Reads the tails of mailboxes, from their fronts: one read a mailbox at a time. What is damaged is skipped and counted; a
 * store that cannot be read keeps its mail, and is asked again.
 */
import { type Entry, messageRange, readMessage, readMessageKey, type StoredMessage } from '../src/mail/format.ts';
import type { Mailbox } from './mailbox.ts';
import type { Name } from './names.ts';
import type { Store } from './store.ts';

export interface TailEdges {
  /** So much of a tail is in memory now. */
  readonly read: (bytes: number) => void;
  /** Mail that was counted is not there, or is none; of one that is none the size is not known yet. */
  readonly damaged: (count: number, bytes: number) => void;
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
  #lastRead = 0;
  #reads = 0;

  /** @param maxBytes about how much is read at a time */
  constructor(store: Store, maxBytes: number, edges: TailEdges) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#edges = edges;
  }

  /** Whether the store has not answered every read. */
  get reading(): boolean {
    return this.#reads > 0;
  }

  /** Moves the front of the tail to the head, as far as it is committed, and about `maxBytes` of it. */
  fill(name: Name, mailbox: Mailbox, maxBytes = this.#maxBytes): void {
    this.read(name, mailbox, (messages) => this.#toHead(mailbox, messages), maxBytes);
  }

  /** Moves to the head what of the front of the tail is in `entries`. */
  fillWith(mailbox: Mailbox, entries: readonly Entry[]): void {
    const messages = this.#decoded(mailbox, entries);
    // Behind a gap in the numbers may be what is on disk already.
    const gap = messages.findIndex(({ number }, index) => number !== mailbox.tailFrom + index);
    this.#toHead(mailbox, gap < 0 ? messages : messages.slice(0, gap));
  }

  /** Reads the front of the tail, as far as it is committed, and gives it to `use` if it still matters then. */
  read(
    name: Name,
    mailbox: Mailbox,
    use: (messages: readonly StoredMessage[]) => void,
    maxBytes = this.#maxBytes,
  ): void {
    const token = ++this.#lastRead;
    const before = mailbox.committedTo;
    this.#reads++;
    mailbox.reading = token;
    this.#store.read(messageRange(name.bytes, mailbox.tailFrom, before), maxBytes, (error, entries) => {
      this.#reads--;
      if (name.mailbox !== mailbox || mailbox.reading !== token) return;
      mailbox.reading = 0;
      // A store that cannot be read is asked again later: by the next tick, or when it is written.
      if (error !== undefined) {
        this.#edges.unreadable(error);
        this.#edges.answered();
        return;
      }
      if (entries.length === 0) this.#nothingFound(mailbox, before);
      else use(this.#decoded(mailbox, entries));
      // What was damaged has taken its size with it.
      if (mailbox.tailCount <= 0 && mailbox.tailBytes > 0) this.#forgetTail(mailbox);
      this.#edges.ready(name);
      this.#edges.answered();
    });
  }

  /** What of the entries is mail. */
  #decoded(mailbox: Mailbox, entries: readonly Entry[]): StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (const [key, value] of entries) {
      const message = readMessage(key, value);
      if (message !== undefined) messages.push(message);
      else {
        mailbox.skipInTail(readMessageKey(key)?.number);
        this.#edges.damaged(1, 0);
      }
    }
    return messages;
  }

  /** The store has nothing where it must have mail. */
  #nothingFound(mailbox: Mailbox, before: number): void {
    if (before < mailbox.tailTo) mailbox.tailFrom = before;
    else this.#forgetTail(mailbox);
  }

  #forgetTail(mailbox: Mailbox): void {
    const { count, bytes } = mailbox.forgetTail();
    this.#edges.damaged(count, bytes);
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
