/**
 * Attachments and names: which attachment holds a name, which ones wait for it, and when it is free.
 *
 * What must be true after every call:
 * 1. A name is freed only by the last return of a writer that has finished, and only if that writer is its holder (I8).
 * 2. A freed name is unsettled until every frame of that holder is accounted for. Until then nothing is delivered to it
 *    (I9).
 * 3. No peer waits for a free name: the peer that has waited longest becomes the holder at once (I10). A peer that has
 *    proved that the name is its own comes before all others, and those are told to end (I42).
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { AttachmentNumber, Progress } from '../../../src/shared/wire/records.ts';
import { putAttached, putSettled, putTakenOver } from '../../../src/shared/wire/to-main.ts';
import type { Return } from '../../../src/shared/wire/to-shard.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import { Attachment } from '../../names/attachment.ts';
import { continueBehind, mustStoreNumber } from '../../names/frame-numbers.ts';
import { isSameName, type Name, type Owned } from '../../names/name.ts';
import { NameQueue } from '../../names/name-queue.ts';
import type { NameTable } from '../../names/name-table.ts';
import type { ShardCounts } from '../counts.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { WriterWindows } from '../delivery/writer-windows.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';
import type { AwayNames } from './away-names.ts';
import type { ReturnedMail } from './returned-mail.ts';

export interface NameOwnershipEdges {
  readonly names: NameTable;
  readonly mailboxes: Pick<Mailboxes, 'touch' | 'written' | 'rejected' | 'holderGone' | 'storeNumber'>;
  readonly delivery: Pick<Delivery, 'begun' | 'feed' | 'handOutTurn'>;
  readonly windows: Pick<WriterWindows, 'began' | 'written' | 'returned'>;
  readonly away: Pick<AwayNames, 'noLongerAway' | 'leave' | 'leaveIfLast'>;
  readonly returnedMail: ReturnedMail;
  readonly notices: Pick<SenderNotices, 'changed'>;
  readonly counts: ShardCounts;
  readonly out: BatchBuilder;
}

export class NameOwnership {
  readonly #settings: ShardSettings;
  readonly #edges: NameOwnershipEdges;
  readonly #attachments = new Map<AttachmentNumber, Attachment>();
  readonly #waiting = new NameQueue();

  constructor(settings: ShardSettings, edges: NameOwnershipEdges) {
    this.#settings = settings;
    this.#edges = edges;
  }

  /** The number of attachments. */
  get count(): number {
    return this.#attachments.size;
  }

  /** The messages that wait for connected peers. */
  get waitingMessages(): number {
    let waiting = 0;
    for (const attachment of this.#attachments.values()) {
      if (attachment.name.holder === attachment) waiting += attachment.name.mailbox?.count ?? 0;
    }
    return waiting;
  }

  /**
   * A peer asks for the name of these bytes. If the name is free, the peer becomes its holder. If not, the peer waits
   * for it (with STRICT=on, or if it takes the name over), or can only send. A number that is attached already is
   * ignored.
   * @param proven whether the name is the peer's own: all others that have come under it must end
   */
  attach(
    number: AttachmentNumber,
    bytes: Uint8Array,
    sendOnly: boolean,
    progress: Progress,
    windowFrames = Number.POSITIVE_INFINITY,
    proven = false,
  ): void {
    if (this.#attachments.has(number)) return;
    const { names, windows, out } = this.#edges;
    const name = names.findOrAdd(bytes);
    const attachment = new Attachment(number, name, progress, this.#settings.firstWindowBytes, windowFrames);
    const free = name.holder === undefined;
    if (proven) this.#endOthers(name);
    if (!sendOnly && !free && (proven || this.#settings.strict) && !this.#waiting.add(attachment, proven)) {
      putAttached(out, number, 'refused', 0);
      return;
    }
    this.#attachments.set(number, attachment);
    windows.began(attachment);
    if (free && !sendOnly) this.#enter(attachment, name, progress);
    else this.#answerAttach(attachment);
  }

  /**
   * Tells all attachments of a name to end. They return what they have in hand. It looks at every attachment, because
   * names are seldom taken over, and each proof costs more than this. Those that only send keep no name from being
   * forgotten.
   */
  #endOthers(name: Name): void {
    for (const { number, name: other, ended } of this.#attachments.values()) {
      if (isSameName(other, name) && !ended) putTakenOver(this.#edges.out, number);
    }
  }

  /**
   * Everything that a crashed life of this shard had handed out is known. Peers are told their standing, and deliveries
   * begin.
   */
  begin(): void {
    for (const attachment of this.#attachments.values()) this.#answerAttach(attachment);
    for (const { name } of this.#attachments.values()) this.#edges.delivery.feed(name);
  }

  /** A writer reports how much it has written in all. Its window may have room again. */
  written(number: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    const attachment = this.#attachments.get(number);
    if (attachment === undefined) return;
    const { windows, mailboxes, delivery } = this.#edges;
    if (!windows.written(attachment, frames, bytes)) return;
    this.#noteDone(attachment, lastNumber);
    if (attachment.name.remembered && mustStoreNumber(attachment.name)) mailboxes.storeNumber(attachment.name);
    if (attachment.name.holder === attachment) delivery.feed(attachment.name);
  }

  /** A program has rejected a frame, which counts as written. @param frameNumber modulo 2^32 */
  rejected(number: AttachmentNumber, frameNumber: number): void {
    const attachment = this.#attachments.get(number);
    if (attachment === undefined) return;
    this.#edges.counts.dropped.REJECTED++;
    this.#edges.mailboxes.rejected(attachment.name, frameNumber);
  }

  /** A writer returns mail. The last return says that the writer has finished. */
  return(mail: Return): void {
    const { windows, delivery, returnedMail, counts } = this.#edges;
    const attachment = this.#attachments.get(mail.attachment);
    if (attachment === undefined) {
      returnedMail.takeForeign(mail);
      return;
    }
    const { name } = attachment;
    delivery.handOutTurn(name);
    if (windows.written(attachment, mail.writtenFrames, mail.writtenBytes))
      this.#noteDone(attachment, mail.writtenNumber);
    if (!windows.returned(attachment, mail.runs)) counts.malformed++;
    if (mail.last) this.#end(attachment, name);
    if (attachment.ended && attachment.outstandingFrames === 0) this.#settle(attachment, name);
  }

  /**
   * All frames up to this number are done. There is none if only frames were rejected, which count as written out of
   * their order.
   */
  #noteDone(attachment: Attachment, lastNumber: number): void {
    if (lastNumber === 0) return;
    attachment.writtenNumber = lastNumber;
    this.#edges.mailboxes.written(attachment.name, lastNumber);
  }

  /** Makes the attachment the holder of its name. */
  #enter(attachment: Attachment, name: Owned<'holder'>, progress?: Progress): void {
    const { away, mailboxes, notices, delivery } = this.#edges;
    away.noLongerAway(name);
    name.holder = attachment;
    mailboxes.touch(name);
    if (progress !== undefined && progress.handedFrames !== 0) this.#takeOver(name, progress);
    if (progress === undefined || progress.writtenNumber === 0) attachment.writtenNumber = name.lastDone | 0;
    notices.changed(name);
    this.#answerAttach(attachment);
    delivery.feed(name);
  }

  /**
   * The writer was attached in a crashed life of this shard. New numbers follow those that it was handed, and what it
   * has written meanwhile is deleted from the store.
   */
  #takeOver(name: Name, { handedNumber, writtenNumber }: Progress): void {
    continueBehind(name, widen(handedNumber, name.nextNumber));
    if (writtenNumber !== 0) this.#edges.mailboxes.written(name, writtenNumber);
  }

  /**
   * Before `begin` it is not known how much waits, because a crashed life may have handed some of it out. So `begin`
   * answers.
   */
  #answerAttach(attachment: Attachment): void {
    const { delivery, out } = this.#edges;
    if (!delivery.begun) return;
    const { number, name } = attachment;
    if (name.holder === attachment) putAttached(out, number, 'receiving', name.waitingMessages, name.lastDone);
    else putAttached(out, number, this.#waiting.has(attachment) ? 'waiting' : 'send-only', 0);
  }

  /** The writer has finished. If it held its name, the name is free now, or goes to the next peer. */
  #end(attachment: Attachment, name: Owned<'holder' | 'unsettled'>): void {
    attachment.ended = true;
    if (name.holder === attachment) {
      const { mailboxes, notices } = this.#edges;
      name.holder = undefined;
      // A holder that came and left while the name was unsettled was handed nothing, so there is nothing to settle for
      // it.
      name.unsettled ??= attachment;
      mailboxes.holderGone(name);
      notices.changed(name);
      const next = this.#waiting.next(name);
      if (next !== undefined) this.#enter(next, name);
    } else this.#waiting.remove(attachment);
  }

  /** Every frame of an ended attachment is accounted for: its name may be delivered to again. */
  #settle(attachment: Attachment, name: Owned<'unsettled'>): void {
    const { returnedMail, delivery, away, out } = this.#edges;
    this.#attachments.delete(attachment.number);
    putSettled(out, attachment.number);
    if (name.unsettled !== attachment) {
      away.leaveIfLast(name);
      return;
    }
    name.unsettled = undefined;
    returnedMail.putBack(name, attachment.returned);
    if (name.holder !== undefined) delivery.feed(name);
    else away.leave(name);
  }
}
