/**
 * Mail for connected peers whose group is not written yet. It may be delivered only when that is, and is then still in
 * memory, so that it need not be read from the store. It is kept no longer than its group, which bounds it.
 */
import type { StoredMessage } from '../../../src/store/format.ts';
import type { Mailbox } from '../mailbox.ts';

export class FreshMail {
  /** For each mailbox: messages that wait in the store from the first on, without a gap. */
  readonly #mail = new Map<Mailbox, StoredMessage[]>();

  /** A message was stored behind all others. It is not kept if those before it must be read from the store. */
  add(mailbox: Mailbox, message: StoredMessage): void {
    const kept = this.#mail.get(mailbox);
    if (kept === undefined) {
      if (mailbox.stored.from === message.number) this.#mail.set(mailbox, [message]);
    } else if (kept[kept.length - 1]?.number === message.number - 1) kept.push(message);
  }

  /** Takes the first messages that wait, as far as they are committed: at least one, and about `maxBytes`. */
  take(mailbox: Mailbox, maxBytes: number): readonly StoredMessage[] {
    const kept = this.#mail.get(mailbox);
    if (kept === undefined || kept[0]?.number !== mailbox.stored.from) return [];
    let count = 0;
    for (let bytes = 0; count < kept.length && bytes < maxBytes; count++) {
      const { number, frame } = kept[count] as StoredMessage;
      if (number >= mailbox.stored.committedTo) break;
      bytes += frame.length;
    }
    const taken = kept.splice(0, count);
    if (kept.length === 0) this.#mail.delete(mailbox);
    return taken;
  }

  /** The mailbox is gone. */
  drop(mailbox: Mailbox): void {
    this.#mail.delete(mailbox);
  }

  /** The group of the messages with a number below `to` is written. */
  forget(mailbox: Mailbox, to: number): void {
    const kept = this.#mail.get(mailbox);
    if (kept === undefined) return;
    const later = kept.findIndex(({ number }) => number >= to);
    if (later < 0) this.#mail.delete(mailbox);
    else kept.splice(0, later);
  }
}
