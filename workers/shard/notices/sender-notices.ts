/**
 * The notices to senders about the names they write to: mail is held, the name is unknown, its mailbox is full, or the
 * store cannot be written. A sender gets one notice for each state of a name. Every name has a version of its state,
 * which only this class changes.
 *
 * What must be true: no notice says that mail is held before it is held (I13).
 */
import type { DropReason } from '../../../src/shared/codes/drops.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import {
  type NewsKind,
  NO_MESSAGE_ID,
  news,
  type Outcome,
  outcome,
  putEvent,
} from '../../../src/shared/wire/events.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import type { Name, Owned } from '../../names/name.ts';
import { NoticeHistory, UNKNOWN_VERSION } from './notice-history.ts';

/** A message, as far as its sender is told of it. Whoever gives it an id is told its outcome, and no news. */
type Sent = Pick<MessageRecord, 'sender' | 'messageId'>;

/** The part of `Mailboxes` that is used here. */
export interface Holding {
  /** Calls `then` when everything that was added so far is held. */
  whenHeld(then: () => void): void;
}

export class SenderNotices {
  readonly #settings: ShardSettings;
  readonly #out: BatchBuilder;
  readonly #holding: Holding;
  readonly #history: NoticeHistory;
  /** The state version that was assigned last. */
  #lastVersion = UNKNOWN_VERSION;

  constructor(settings: ShardSettings, out: BatchBuilder, holding: Holding) {
    this.#settings = settings;
    this.#out = out;
    this.#holding = holding;
    this.#history = new NoticeHistory((sender, kind, name, more) => putEvent(out, sender, news(kind, name, more)));
  }

  /** Called once a second. */
  tick(): void {
    this.#history.tick();
  }

  /** The state of `name` has changed, so senders may be told of it again. */
  changed(name: Owned<'stateVersion'>): void {
    name.stateVersion = ++this.#lastVersion;
  }

  /** Whether `name` was just added to the table, and has no state yet. */
  isNew(name: Name): boolean {
    return name.stateVersion === UNKNOWN_VERSION;
  }

  /** The name of these bytes is no longer known. */
  forgotten(name: Uint8Array): void {
    this.#history.forgotten(name, ++this.#lastVersion);
  }

  /** A message with an id is on its way to the holder of its name, or waits for it in memory. */
  taken({ sender, messageId }: Sent, name: Name): void {
    putEvent(this.#out, sender, outcome('taken', name.bytes, messageId));
  }

  /** A message was dropped because its name is not known. */
  unknown({ sender, messageId }: Sent, name: Uint8Array): void {
    if (messageId !== NO_MESSAGE_ID) putEvent(this.#out, sender, outcome('unknown', name, messageId));
    else this.#notify(sender, 'unknown', name, this.#history.unknownVersion(name));
  }

  /** A message was dropped because an earlier one with its id was taken or held. The sender is told which. */
  repeated({ sender, messageId }: Sent, name: Uint8Array, kind: 'taken' | 'held'): void {
    const own = new Uint8Array(name); // that of an unknown name lies in the batch, which is over when the disk answers
    const tell = () => putEvent(this.#out, sender, outcome(kind, own, messageId, true));
    if (kind === 'held') this.#holding.whenHeld(tell);
    else tell();
  }

  /** A message was added to the mailbox of `name`, which is away. */
  held({ sender, messageId }: Sent, name: Name): void {
    if (messageId !== NO_MESSAGE_ID) this.#tellWhenHeld(sender, 'held', name, messageId);
    else this.#notifyWhenHeld(sender, 'held', name, name.stateVersion);
  }

  /** A message was dropped because its sender asked for it to be on disk, and mail of its name is not held there. */
  unkept({ sender, messageId }: Sent, name: Name): void {
    if (messageId !== NO_MESSAGE_ID) putEvent(this.#out, sender, outcome('unstored', name.bytes, messageId));
    else this.#notify(sender, 'unstored', name.bytes, name.stateVersion);
  }

  /** A message was dropped because a limit or the store refused it. */
  refused({ sender, messageId }: Sent, name: Name, reason: DropReason): void {
    if (!name.full) this.#setFull(name, true);
    if (messageId !== NO_MESSAGE_ID) {
      const kind = reason === 'STORE_UNWRITABLE' ? 'unstored' : 'full';
      putEvent(this.#out, sender, outcome(kind, name.bytes, messageId));
    } else if (reason === 'STORE_UNWRITABLE') this.#notify(sender, 'unstored', name.bytes, name.stateVersion);
    // In the reserve of a limit one sender is refused, and another has its mail held. So 'held' and 'full' can be told
    // of one state. The sign of the version keeps them apart.
    else this.#notifyWhenHeld(sender, 'full', name, -name.stateVersion);
  }

  /**
   * The mailbox of `name` may have more room. A full mailbox counts as full until half of it is free: otherwise a slow
   * reader would cause a notice for nearly every message.
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
   * Sends the notice when everything that was added before is held. 'full' waits for that too, so that a sender gets
   * its notices in the order of its messages.
   */
  #notifyWhenHeld(sender: AttachmentNumber, kind: 'held' | 'full', name: Name, version: number): void {
    if (!this.#settings.notices || !this.#history.shouldNotify(sender, kind, name.bytes, version)) return;
    this.#holding.whenHeld(() => putEvent(this.#out, sender, news(kind, name.bytes)));
  }

  #tellWhenHeld(sender: AttachmentNumber, kind: Outcome['kind'], name: Name, messageId: number): void {
    this.#holding.whenHeld(() => putEvent(this.#out, sender, outcome(kind, name.bytes, messageId)));
  }

  #notify(sender: AttachmentNumber, kind: NewsKind, name: Uint8Array, version: number): void {
    if (this.#settings.notices && this.#history.shouldNotify(sender, kind, name, version)) {
      putEvent(this.#out, sender, news(kind, name));
    }
  }
}
