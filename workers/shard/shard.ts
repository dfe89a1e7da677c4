/**
 * A shard: the names that hash to it, their peers, their mailboxes, and every decision about them. Records in, records
 * out, synchronous, and infallible: no sequence of records makes it throw.
 *
 * What must be true after every record:
 * 1. A frame is in exactly one place: a mailbox, a writer's hands (the attachment's account), or done with (written,
 *    or dropped and counted).
 * 2. A name is fed only while the account of its holder before is right, and its mailbox goes before anything newer.
 * 3. Only the return of a writer that has finished frees a name, and only that of its holder.
 * 4. Nobody waits for a name that is free: who has waited longest is its holder at once.
 */
import { widen } from '../../src/shared/common/serial.ts';
import type { Loan } from '../../src/shared/memory/buffer-pool.ts';
import { BatchBuilder, FULL_BATCH_BYTES, isLoan, type Post, postWeight } from '../../src/shared/wire/batch.ts';
import type { DropReason, ShardStats } from '../../src/shared/wire/control.ts';
import { type NewsKind, news, putEvent } from '../../src/shared/wire/events.ts';
import { FRAME_HEADER_WORDS, type Frames } from '../../src/shared/wire/frames.ts';
import { type ListRecord, type MessageRecord, TO_ONE } from '../../src/shared/wire/message.ts';
import type { AttachmentNumber, Limit, Progress } from '../../src/shared/wire/records.ts';
import type { Handed, ShardSettings } from '../../src/shared/wire/shard-task.ts';
import {
  beginDelivered,
  deliveredSize,
  putAcknowledged,
  putAttached,
  putFlushed,
  putLimited,
  putSettled,
  putStoreFailed,
  putWhoIs,
} from '../../src/shared/wire/to-main.ts';
import { type Return, readToShard, type ToShardHandler } from '../../src/shared/wire/to-shard.ts';
import type { Budget } from '../mailbox/budget.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { Mailroom } from '../mailbox/mailboxes.ts';
import { type Recovered, recover } from '../mailbox/recovery.ts';
import { type Store, writeFailure } from '../mailbox/store.ts';
import { Attachment } from '../names/attachment.ts';
import { IdleNames } from '../names/idle-names.ts';
import { type Name, NameTable } from '../names/name-table.ts';
import { WaitingPeers } from '../names/waiting.ts';
import { Lists } from './list-cache.ts';
import { Missing } from './notices/missing.ts';
import { Told, UNKNOWN_EPOCH } from './notices/notice-history.ts';
import { LiveFrames } from './turn-deliveries.ts';

/**
 * What there is to say is posted in pieces of about this size, so that the main thread can begin. Measured: with 32
 * KiB, messages of 2,000 bytes to eight names are 0.6 times as fast.
 */
const PIECE_BYTES = 128 * 1024;
/** Buckets of the name table that one tick looks at for what is too old. */
const BUCKETS_A_TICK = 32_768;
/** How often it is said that a limit is reached. */
const LIMIT_SAID_SECONDS = 60;
/** The settings that mail is refused by. */
const LIMIT_OF: Partial<Record<DropReason, Limit>> = {
  'mailbox has too many messages': 'MAILBOX_MAX_MESSAGES',
  'mailbox has too many bytes': 'MAILBOX_MAX_BYTES',
  'all mailboxes have too many bytes': 'HELD_MAX_BYTES',
};
const NO_NAME = new Uint8Array(0);

export interface ShardEdges {
  readonly budget: Budget;
  /** Seconds since 1970, for the age of mail and names. */
  readonly now: () => number;
  readonly post: (post: Post) => void;
  /** Where what there is to say is gathered; what posts are made of it matters only to `post`. */
  readonly out?: BatchBuilder;
  /** Where held mail lies; without it nothing is held for who is away. */
  readonly store?: Store;
  /** The store has answered: there may be something to post, though nothing was received. */
  readonly wake?: () => void;
  /** Seeds the hash of names; random where it is not given. */
  readonly seed?: number;
}

export class Shard implements ToShardHandler {
  readonly #settings: ShardSettings;
  readonly #edges: ShardEdges;
  readonly #out: BatchBuilder;
  readonly #names: NameTable;
  readonly #attachments = new Map<AttachmentNumber, Attachment>();
  readonly #idle = new IdleNames();
  /** Who has left last. */
  #lastLeft: Name | undefined;
  readonly #waiting = new WaitingPeers();
  readonly #lists: Lists;
  readonly #live = new LiveFrames();
  readonly #told = new Told((sender, kind, name, more) => putEvent(this.#out, sender, news(kind, name, more)));
  readonly #mailroom: Mailroom;
  readonly #missing = new Missing();
  readonly #emit = (name: Name) => this.#emitLive(name);
  #now: number;
  #epoch = UNKNOWN_EPOCH;
  #worked = 0;
  #unanswered = false;
  /** Batches in lent buffers, which go back once nothing looks at them any more. */
  readonly #spent: Loan[] = [];
  /** Nothing is handed out before all is said that came back from the life of this shard before. */
  #begun = false;
  #draining = false;
  #sweepAt = 0;

  /** What all writers have in hand, but for the frames of this turn: those are counted when they are handed over. */
  #inHandBytes = 0;
  /** When each limit was said last. */
  readonly #limitSaidAt = new Map<Limit, number>();
  #loading = false;
  #away = 0;
  #delivered = 0;
  #returned = 0;
  #malformed = 0;
  readonly #dropped: Record<DropReason, number> = {
    'unknown name': 0,
    'mailbox has too many messages': 0,
    'mailbox has too many bytes': 0,
    'all mailboxes have too many bytes': 0,
    'the store cannot be written': 0,
    'too old': 0,
    'nothing is held': 0,
    'damaged in the store': 0,
  };

  constructor(settings: ShardSettings, edges: ShardEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#out = edges.out ?? new BatchBuilder();
    this.#names = new NameTable(edges.seed);
    this.#lists = new Lists(this.#names);
    this.#now = edges.now();
    this.#mailroom = new Mailroom(settings, {
      budget: edges.budget,
      store: settings.holdSeconds > 0 ? edges.store : undefined,
      now: () => this.#now,
      dropped: (reason, count) => {
        this.#dropped[reason] += count;
      },
      ready: (name) => (name.holder === undefined ? this.#expire(name) : this.#feed(name)),
      emptied: (name) => this.#noteIdle(name),
      answered: () => edges.wake?.(),
      missing: (name, count) => this.#noteMissing(name.bytes, count),
      failed: (error) => putStoreFailed(this.#out, writeFailure(error), error.message),
      unreadable: (error) => putStoreFailed(this.#out, 'read', error.message),
    });
  }

  /**
   * Takes over what the store has for the names that are `mine`; before anything is received.
   * @param handed what of it a shard before this one has handed out
   * @param compare whether all mail is counted, because the broker before has not ended in order
   * @throws the store's own error if it cannot be read
   */
  async load(mine: (name: Uint8Array) => boolean, handed: readonly Handed[] = [], compare = false): Promise<void> {
    const { store } = this.#edges;
    if (store === undefined || this.#settings.holdSeconds === 0) return;
    this.#loading = true;
    await recover(store, { mine, handed, compare }, (recovered) => this.#recovered(recovered));
    this.#loading = false;
    this.#findIdle();
    for (const each of handed) this.#knowAgain(each);
    this.#sayMissing();
    this.#mailroom.submit();
  }

  #recovered(recovered: Recovered): void {
    const { record } = recovered;
    const name = this.#names.findOrAdd(recovered.name);
    name.nextNumber = record.next;
    name.indexed = true;
    name.away = true;
    name.awaySince = record.present ? this.#now : record.awaySince;
    this.#away++;
    this.#changed(name);
    if (record.to > record.from) this.#mailroom.recovered(name, recovered);
    if (recovered.missing > 0) this.#noteMissing(name.bytes, recovered.missing);
    if (!this.#remembers(name)) this.#forget(name);
    else if (record.present || recovered.differs) this.#mailroom.touch(name);
  }

  #noteMissing(name: Uint8Array, count: number): void {
    this.#dropped['damaged in the store'] += count;
    this.#missing.note(name, count);
  }

  #sayMissing(): void {
    this.#missing.tell((line) => putStoreFailed(this.#out, 'missing', line));
  }

  /** Those that the store has no mail of, in the order in which they left. */
  #findIdle(): void {
    const idle: Name[] = [];
    this.#names.forEach((name) => {
      if (name.away && name.mailbox === undefined) idle.push(name);
    });
    idle.sort((a, b) => a.awaySince - b.awaySince);
    for (const name of idle) this.#idle.add(name);
  }

  /** A name that was here before counts its frames on, though the store may not know it. */
  #knowAgain({ name: bytes, handedNumber }: Handed): void {
    const name = this.#names.findOrAdd(bytes);
    if (name.epoch === UNKNOWN_EPOCH) {
      this.#changed(name);
      this.#leave(name);
    }
    if (handedNumber === 0) return;
    name.nextNumber = Math.max(name.nextNumber, widen(handedNumber, name.nextNumber) + 1);
  }

  /** The store can be written again. */
  resume(): void {
    this.#mailroom.resume();
  }

  /** Works off a post. What comes of it is posted by `postOut`, or earlier where it is much. */
  receive(post: Post): void {
    this.#worked += postWeight(post);
    this.#unanswered = true;
    if (isLoan(post)) this.#spent.push(post);
    if (!readToShard(post, this)) this.#malformed++;
    this.#lists.clear();
    if (this.#live.bytes >= FULL_BATCH_BYTES) this.#finishLive();
  }

  /** Posts what there is to say: once a turn. */
  postOut(): void {
    this.#finishLive();
    // Mail that became too old, or was not there, may have left names behind with nothing waiting.
    this.#forgetTooMany();
    this.#mailroom.submit();
    this.#answer();
    this.#post();
  }

  /** Hands out what is on its way; then nothing looks at the batches any more. */
  #finishLive(): void {
    this.#live.finish(this.#emit);
    for (const { from, number } of this.#spent) from.giveBack(number);
    this.#spent.length = 0;
  }

  /** Says what was worked off. Every post is answered in the turn it is received: the next may wait for that. */
  #answer(): void {
    const worked = this.#mailroom.behind ? 0 : this.#worked;
    if (worked === 0 && !this.#unanswered) return;
    putAcknowledged(this.#out, worked);
    this.#worked -= worked;
    this.#unanswered = false;
  }

  #post(): void {
    const post = this.#out.take();
    if (post !== undefined) this.#edges.post(post);
  }

  /** Lets time pass: drops what has become too old, a part of the names a call. */
  tick(): void {
    this.#now = this.#edges.now();
    this.#sayMissing();
    this.#told.tick();
    const buckets = Math.min(BUCKETS_A_TICK, this.#names.buckets);
    for (let i = 0; i < buckets; i++) {
      if (this.#sweepAt >= this.#names.buckets) this.#sweepAt = 0;
      this.#names.forEachIn(this.#sweepAt++, (name) => this.#expire(name));
    }
  }

  /** True when it was told to drain, every attachment has ended and every frame is accounted for. */
  get drained(): boolean {
    return this.#draining && this.#attachments.size === 0 && this.#mailroom.idle;
  }

  /** Whether all is said that came back from the life of this shard before. */
  get begun(): boolean {
    return this.#begun;
  }

  stats(): ShardStats {
    return {
      names: this.#names.size,
      namesAway: this.#away,
      attachments: this.#attachments.size,
      heldMessages: this.#mailroom.heldMessages,
      heldBytes: this.#mailroom.heldBytes,
      memoryBytes: this.#mailroom.memoryBytes,
      delivered: this.#delivered,
      returned: this.#returned,
      dropped: { ...this.#dropped },
      malformed: this.#malformed,
    };
  }

  attach(number: AttachmentNumber, bytes: Uint8Array, sendOnly: boolean, progress: Progress): void {
    if (this.#attachments.has(number)) return;
    const name = this.#names.findOrAdd(bytes);
    const attachment = new Attachment(number, name, progress, this.#settings.firstWindowBytes);
    const free = name.holder === undefined;
    if (!sendOnly && !free && this.#settings.strict && !this.#waiting.add(attachment)) {
      putAttached(this.#out, number, 'refused', 0);
      return;
    }
    this.#attachments.set(number, attachment);
    this.#inHandBytes += attachment.outstandingBytes;
    if (free && !sendOnly) this.#enter(attachment, progress);
    else this.#sayAttached(attachment);
  }

  /** The attachment is the holder of its name from now on. */
  #enter(attachment: Attachment, progress?: Progress): void {
    const { name } = attachment;
    if (name.away) this.#away--;
    name.away = false;
    this.#idle.remove(name);
    name.holder = attachment;
    this.#mailroom.touch(name);
    if (progress !== undefined && progress.handedFrames !== 0) this.#takeOver(name, progress);
    this.#changed(name);
    this.#sayAttached(attachment);
    this.#feed(name);
  }

  /** What waits is not known before all is said of the life of this shard before: `begin` says it then. */
  #sayAttached(attachment: Attachment): void {
    if (!this.#begun) return;
    const { number, name } = attachment;
    if (name.holder === attachment) putAttached(this.#out, number, 'receiving', this.#waitingMessages(name));
    else putAttached(this.#out, number, this.#waiting.has(attachment) ? 'waiting' : 'send-only', 0);
  }

  /**
   * What the holder of `name` will get before anything newer: its mailbox, and what the holder before did not write.
   */
  #waitingMessages(name: Name): number {
    const back = this.#remembers(name) ? (name.unsettled?.unwrittenFrames ?? 0) : 0;
    return back + (name.mailbox?.count ?? 0);
  }

  /** The numbers go on where a shard before this one ended, and what was written meanwhile is not held any more. */
  #takeOver(name: Name, { handedNumber, writtenFrames, writtenNumber }: Progress): void {
    name.nextNumber = Math.max(name.nextNumber, widen(handedNumber, name.nextNumber) + 1);
    if (writtenFrames !== 0) this.#mailroom.written(name, writtenNumber);
  }

  list(list: ListRecord): void {
    this.#lists.add(list);
  }

  message(message: MessageRecord): void {
    const { list } = message;
    if (list === TO_ONE) {
      const name = this.#names.find(message.memory.bytes, message.nameAt, message.nameLength);
      if (name !== undefined) this.#offer(name, message);
      else this.#dropUnknown(nameOf(message), message.sender);
      return;
    }
    const end = this.#lists.end(list);
    for (let index = this.#lists.first(list); index < end; index++) {
      const name = this.#lists.name(list, index);
      if (name !== undefined) this.#offer(name, message);
      else this.#dropUnknown(this.#lists.bytes(index), message.sender);
    }
  }

  written(number: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    const attachment = this.#attachments.get(number);
    if (attachment === undefined) return;
    const inHand = attachment.outstandingBytes;
    if (!attachment.noteWritten(frames, bytes)) return;
    this.#inHandBytes += attachment.outstandingBytes - inHand;
    attachment.openWindow(this.#settings.writeWindowBytes);
    this.#mailroom.written(attachment.name, lastNumber);
    if (attachment.name.holder === attachment) this.#feed(attachment.name);
  }

  return(mail: Return): void {
    const attachment = this.#attachments.get(mail.attachment);
    if (attachment === undefined) {
      this.#takeForeignReturn(mail);
      return;
    }
    const { name } = attachment;
    this.#emitLive(name);
    const inHand = attachment.outstandingBytes;
    if (attachment.noteWritten(mail.writtenFrames, mail.writtenBytes)) {
      this.#mailroom.written(name, mail.writtenNumber);
    }
    if (!attachment.noteReturned(mail.runs)) this.#malformed++;
    this.#inHandBytes += attachment.outstandingBytes - inHand;
    if (mail.last) {
      attachment.ended = true;
      if (name.holder === attachment) {
        name.holder = undefined;
        // One that left while the name was not fed has nothing of its own to settle.
        name.unsettled ??= attachment;
        this.#mailroom.holderGone(name);
        this.#changed(name);
        const next = this.#waiting.next(name);
        if (next !== undefined) this.#enter(next);
      } else this.#waiting.remove(attachment);
    }
    if (attachment.ended && attachment.outstandingFrames === 0) this.#settle(attachment);
  }

  whoIs(asker: AttachmentNumber, bytes: Uint8Array): void {
    const name = this.#names.find(bytes);
    const here = name?.holder !== undefined;
    const state = here ? 'here' : name !== undefined && this.#remembers(name) ? 'away' : 'unknown';
    putWhoIs(this.#out, asker, bytes, {
      state,
      awaySeconds: name?.away ? this.#now - name.awaySince : 0,
      waiting: name === undefined ? 0 : this.#waitingMessages(name),
    });
  }

  flush(flushId: number): void {
    this.#live.finish(this.#emit);
    let waiting = 0;
    for (const attachment of this.#attachments.values()) {
      if (attachment.name.holder === attachment) waiting += attachment.name.mailbox?.count ?? 0;
    }
    putFlushed(this.#out, flushId, waiting, this.#mailroom.storing);
  }

  drain(): void {
    this.#draining = true;
    this.#sayMissing();
  }

  begin(): void {
    this.#begun = true;
    this.#forgetTooMany();
    for (const attachment of this.#attachments.values()) this.#sayAttached(attachment);
    for (const { name } of this.#attachments.values()) this.#feed(name);
  }

  /** Hands the message to the name's peer if it can take it now, or lets it wait. */
  #offer(name: Name, message: MessageRecord): void {
    const { holder, mailbox } = name;
    if (
      this.#begun &&
      holder !== undefined &&
      name.unsettled === undefined &&
      (mailbox === undefined || mailbox.count === 0) &&
      this.#fits(holder, message.frameLength)
    ) {
      this.#live.add(name, message);
      holder.handedFrames++;
      holder.handedBytes += message.frameLength;
    } else this.#hold(name, message);
  }

  /** Whether the window of the writer has room. Where it may have written all it has, any frame fits. */
  #fits(holder: Attachment, length: number): boolean {
    const outstanding = holder.outstandingBytes;
    return outstanding + length <= this.#windowOf(holder) || outstanding <= this.#settings.unreportedBytes;
  }

  /** While all writers together have too much in hand, nobody has a window. */
  #windowOf(holder: Attachment): number {
    return this.#inHandBytes + this.#live.bytes < this.#settings.handedBytes ? holder.windowBytes : 0;
  }

  #hold(name: Name, message: MessageRecord): void {
    if (name.holder === undefined && !this.#remembers(name)) {
      this.#dropUnknown(name.bytes, message.sender);
      return;
    }
    const refused = this.#mailroom.refuses(name, message);
    if (refused !== undefined) {
      this.#dropped[refused]++;
      this.#sayLimit(refused, name);
      if (!name.full) {
        name.full = true;
        this.#changed(name);
      }
      if (refused === 'the store cannot be written') this.#tell(message.sender, 'unstored', name.bytes, name.epoch);
      else this.#tellWhenHeld(message.sender, 'full', name);
      return;
    }
    this.#idle.remove(name);
    this.#mailroom.add(name, message);
    if (name.full) this.#mayHaveRoom(name);
    if (name.holder === undefined) this.#tellWhenHeld(message.sender, 'held', name);
  }

  #dropUnknown(name: Uint8Array, sender: AttachmentNumber): void {
    this.#dropped['unknown name']++;
    this.#tell(sender, 'unknown', name, this.#told.unknownEpoch(name));
  }

  /** Gives the peer of `name` as much of its mailbox as its window has room for. */
  #feed(name: Name): void {
    const { holder, mailbox } = name;
    if (!this.#begun || holder === undefined || mailbox === undefined || name.unsettled !== undefined) return;
    this.#emitLive(name);
    this.#dropOld(name);
    this.#mailroom.refill(name);
    while (this.#feedHead(holder, mailbox)) this.#mailroom.refill(name);
    if (name.full) this.#mayHaveRoom(name);
  }

  /** Hands out what is in memory of a mailbox, as far as the window has room. @returns whether anything was */
  #feedHead(holder: Attachment, mailbox: Mailbox): boolean {
    const outstanding = holder.outstandingBytes;
    const mayHaveWrittenAll = outstanding <= this.#settings.unreportedBytes;
    const extent = mailbox.head.front(this.#windowOf(holder) - outstanding, mayHaveWrittenAll);
    if (extent.count === 0) return false;
    this.#makeRoom(extent.count, extent.bytes);
    const header = beginDelivered(this.#out, holder.number, extent.count, extent.bytes);
    const byte = (header + extent.count * FRAME_HEADER_WORDS) << 2;
    mailbox.head.take(extent.count, this.#out.words, header, this.#out.bytes, byte);
    holder.handedFrames += extent.count;
    holder.handedBytes += extent.bytes;
    this.#inHandBytes += extent.bytes;
    this.#delivered += extent.count;
    this.#mailroom.handedOut(extent.count, extent.bytes);
    this.#postIfFull();
    return true;
  }

  /** The account of an attachment that has ended is right: its name may be fed again. */
  #settle(attachment: Attachment): void {
    const { name } = attachment;
    this.#attachments.delete(attachment.number);
    putSettled(this.#out, attachment.number);
    if (name.unsettled !== attachment) {
      this.#leaveIfIdle(name);
      return;
    }
    name.unsettled = undefined;
    this.#putBack(name, attachment.returned);
    if (name.holder !== undefined) this.#feed(name);
    else this.#leave(name);
  }

  /** Mail comes back to the front of the mailbox. It is never refused; only where nothing is held it is dropped. */
  #putBack(name: Name, runs: readonly Frames[]): void {
    let count = 0;
    let bytes = 0;
    for (const run of runs) {
      count += run.count;
      bytes += run.bytes.length;
    }
    this.#returned += count;
    if (count === 0) return;
    if (!this.#remembers(name)) {
      this.#dropped['nothing is held'] += count;
      return;
    }
    this.#mailroom.putBack(name, runs, count, bytes);
  }

  /** A return for an attachment that a shard before this one knew: the mail is kept, by its name. */
  #takeForeignReturn(mail: Return): void {
    if (mail.last) putSettled(this.#out, mail.attachment);
    if (mail.runs.length === 0) return;
    const name = this.#names.findOrAdd(mail.name);
    if (name.epoch === UNKNOWN_EPOCH) this.#changed(name);
    this.#emitLive(name);
    const count = mail.runs.reduce((sum, run) => sum + run.count, 0);
    this.#returned += count;
    this.#idle.remove(name);
    if (this.#remembers(name)) this.#mailroom.putBackBefore(name, mail.runs);
    else this.#dropped['nothing is held'] += count;
    if (name.holder !== undefined) this.#feed(name);
    else if (name.away) {
      this.#mailroom.storeAll(name);
      this.#noteIdle(name);
    } else if (name.unsettled === undefined) this.#leave(name);
  }

  /** Nobody is attached to `name` any more, and all is settled: it is remembered, or forgotten. */
  #leave(name: Name): void {
    if (!this.#remembers(name)) {
      this.#forget(name);
      return;
    }
    name.away = true;
    name.awaySince = this.#now;
    this.#away++;
    this.#mailroom.storeAll(name);
    this.#noteIdle(name);
    this.#lastLeft = name;
    this.#forgetTooMany();
  }

  #noteIdle(name: Name): void {
    if (!this.#loading && name.away && name.mailbox === undefined && !name.idle) this.#idle.add(name);
  }

  /** Who has been away longest with nothing waiting is forgotten first, and never who has just left. */
  #forgetTooMany(): void {
    // Mail may come back that a shard before this one handed out, and its numbers must not be anybody else's by then.
    if (!this.#begun) return;
    while (this.#away > this.#settings.maxNames) {
      const { oldest } = this.#idle;
      const next = oldest === this.#lastLeft ? oldest?.newerIdle : oldest;
      if (next === undefined) return;
      this.#forget(next);
      this.#sayLimitOnce('MAX_NAMES', NO_NAME);
    }
  }

  #sayLimit(reason: DropReason, name: Name): void {
    const limit = LIMIT_OF[reason];
    if (limit !== undefined) this.#sayLimitOnce(limit, limit === 'HELD_MAX_BYTES' ? NO_NAME : name.bytes);
  }

  /** Limits of mailboxes are said together: the name is an example. */
  #sayLimitOnce(limit: Limit, name: Uint8Array): void {
    if (this.#now - (this.#limitSaidAt.get(limit) ?? Number.NEGATIVE_INFINITY) < LIMIT_SAID_SECONDS) return;
    this.#limitSaidAt.set(limit, this.#now);
    putLimited(this.#out, limit, name);
  }

  /** The last of a name's send-only peers may have outlived all others. */
  #leaveIfIdle(name: Name): void {
    const idle = name.holder === undefined && name.unsettled === undefined && !name.away;
    if (idle && this.#names.find(name.bytes) === name) this.#leave(name);
  }

  #forget(name: Name): void {
    this.#dropped['nothing is held'] += this.#mailroom.forget(name);
    if (name.away) this.#away--;
    name.away = false;
    this.#idle.remove(name);
    this.#names.remove(name);
    this.#told.forgotten(name.bytes, ++this.#epoch);
  }

  #remembers(name: Name): boolean {
    return this.#settings.holdSeconds > 0 && name.remembered;
  }

  #expire(name: Name): void {
    this.#dropOld(name);
    if (name.holder !== undefined) this.#feed(name);
    if (name.away && name.mailbox === undefined && name.awaySince < this.#now - this.#settings.holdSeconds) {
      this.#forget(name);
    }
  }

  /** Where nothing is held, age is no matter: what waits there waits for a peer that is here. */
  #dropOld(name: Name): void {
    if (this.#settings.holdSeconds > 0) this.#mailroom.expire(name, this.#now - this.#settings.holdSeconds);
  }

  #emitLive(name: Name): void {
    this.#makeRoom(name.liveCount, name.liveBytes);
    this.#inHandBytes += name.liveBytes;
    this.#delivered += this.#live.emit(name, this.#out);
    this.#postIfFull();
  }

  /** Posts first what a delivery would not fit beside: in a larger buffer all of it would be copied. */
  #makeRoom(count: number, bytes: number): void {
    if (!this.#out.fits(deliveredSize(count, bytes))) this.#post();
  }

  #postIfFull(): void {
    if (this.#out.used >= PIECE_BYTES) this.#post();
  }

  /** A full mailbox counts as full until half of it is free, so that a slow reader does not make notices traffic. */
  #mayHaveRoom(name: Name): void {
    const { mailboxMaxMessages, mailboxMaxBytes } = this.#settings;
    const count = name.mailbox?.count ?? 0;
    const bytes = name.mailbox?.bytes ?? 0;
    if (count > mailboxMaxMessages / 2 || bytes > mailboxMaxBytes / 2) return;
    name.full = false;
    this.#changed(name);
  }

  /** What senders were told of this name holds no more. */
  #changed(name: Name): void {
    name.epoch = ++this.#epoch;
  }

  /** Says that mail is held, or that no more is, when what came before is held indeed. */
  #tellWhenHeld(sender: AttachmentNumber, kind: 'held' | 'full', name: Name): void {
    // In the last part of a limit one sender is refused and another is not: they are two pieces of news of one state.
    const state = kind === 'full' ? -name.epoch : name.epoch;
    if (!this.#settings.notices || !this.#told.shouldTell(sender, kind, name.bytes, state)) return;
    this.#mailroom.whenHeld(() => putEvent(this.#out, sender, news(kind, name.bytes)));
  }

  #tell(sender: AttachmentNumber, kind: NewsKind, name: Uint8Array, epoch: number): void {
    if (this.#settings.notices && this.#told.shouldTell(sender, kind, name, epoch)) {
      putEvent(this.#out, sender, news(kind, name));
    }
  }
}

function nameOf({ memory, nameAt, nameLength }: MessageRecord): Uint8Array {
  return memory.bytes.subarray(nameAt, nameAt + nameLength);
}
