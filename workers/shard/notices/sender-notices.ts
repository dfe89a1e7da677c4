/**
 * What senders are told of the names they write to: that mail is held, that a name is unknown, that its mailbox is
 * full, or that the store takes nothing. A sender is told once a state of a name; every name has a number for its
 * state, which changes here alone.
 *
 * What must be true: nobody is told that mail is held before it is (I13).
 */

import type { DropReason } from '../../../src/shared/codes/drops.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import { type NewsKind, news, putEvent } from '../../../src/shared/wire/events.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import type { ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import type { Name, Owned } from '../../names/name.ts';
import { NoticeHistory, UNKNOWN_VERSION } from './notice-history.ts';

/** Where mail is held. */
export interface Holding {
  /** Calls `then` once everything that was added so far is held. */
  whenHeld(then: () => void): void;
}

export class SenderNotices {
  readonly #settings: ShardSettings;
  readonly #out: BatchBuilder;
  readonly #holding: Holding;
  readonly #history: NoticeHistory;
  /** The state version that was given last. */
  #lastVersion = UNKNOWN_VERSION;

  constructor(settings: ShardSettings, out: BatchBuilder, holding: Holding) {
    this.#settings = settings;
    this.#out = out;
    this.#holding = holding;
    this.#history = new NoticeHistory((sender, kind, name, more) => putEvent(out, sender, news(kind, name, more)));
  }

  /** A second has passed. */
  tick(): void {
    this.#history.tick();
  }

  /** The state of `name` is a new one: what senders were told of it is not true any more. */
  changed(name: Owned<'stateVersion'>): void {
    name.stateVersion = ++this.#lastVersion;
  }

  /** Whether `name` has no state yet: it was added just now. */
  isNew(name: Name): boolean {
    return name.stateVersion === UNKNOWN_VERSION;
  }

  /** The name of these bytes is not known any more. */
  forgotten(name: Uint8Array): void {
    this.#history.forgotten(name, ++this.#lastVersion);
  }

  /** A message was dropped, because its name is not known. */
  unknown(sender: AttachmentNumber, name: Uint8Array): void {
    this.#notify(sender, 'unknown', name, this.#history.unknownVersion(name));
  }

  /** A message was added to the mailbox of `name`, whose peer is away. */
  held(sender: AttachmentNumber, name: Name): void {
    this.#notifyWhenHeld(sender, 'held', name, name.stateVersion);
  }

  /** A message was dropped, because the mailbox of `name` does not take it. */
  refused(sender: AttachmentNumber, name: Name, reason: DropReason): void {
    if (!name.full) this.#setFull(name, true);
    if (reason === 'STORE_UNWRITABLE') this.#notify(sender, 'unstored', name.bytes, name.stateVersion);
    // In the last part of a limit one sender is refused and another is not: these are two pieces of news of one state.
    else this.#notifyWhenHeld(sender, 'full', name, -name.stateVersion);
  }

  /**
   * The mailbox of `name` may have more room. A full one counts as full until half of it is free, so that a slow reader
   * does not make notices become traffic.
   */
  hasMoreRoom(name: Name): void {
    if (!name.full) return;
    const { mailboxMaxMessages, mailboxMaxBytes } = this.#settings;
    const count = name.mailbox?.count ?? 0;
    const bytes = name.mailbox?.bytes ?? 0;
    if (count > mailboxMaxMessages / 2 || bytes > mailboxMaxBytes / 2) return;
    this.#setFull(name, false);
  }

  #setFull(name: Owned<'full' | 'stateVersion'>, full: boolean): void {
    name.full = full;
    this.changed(name);
  }

  /**
   * Sends the notice when all that was added before is held. That a mailbox is full waits for it too, so that a sender
   * gets its notices in the order of its messages.
   */
  #notifyWhenHeld(sender: AttachmentNumber, kind: 'held' | 'full', name: Name, version: number): void {
    if (!this.#settings.notices || !this.#history.shouldNotify(sender, kind, name.bytes, version)) return;
    this.#holding.whenHeld(() => putEvent(this.#out, sender, news(kind, name.bytes)));
  }

  #notify(sender: AttachmentNumber, kind: NewsKind, name: Uint8Array, version: number): void {
    if (this.#settings.notices && this.#history.shouldNotify(sender, kind, name, version)) {
      putEvent(this.#out, sender, news(kind, name));
    }
  }
}
