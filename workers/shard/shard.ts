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
import { fullNumber } from '../../src/shared/common/serial.ts';
import type { Loan } from '../../src/shared/memory/buffer-pool.ts';
import { type BatchBuilder, FULL_BATCH_BYTES, isLoan, type Post, postWeight } from '../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../src/shared/wire/control.ts';
import type { Frames } from '../../src/shared/wire/frames.ts';
import { type ListRecord, type MessageRecord, TO_ONE } from '../../src/shared/wire/message.ts';
import type { PriorDelivery, ShardSettings } from '../../src/shared/wire/shard-task.ts';
import { putAttached, putFlushed, putSettled, putWhoIs, putWorked } from '../../src/shared/wire/to-main.ts';
import {
  type Account,
  type AttachmentNumber,
  type Return,
  readToShard,
  type ToShardHandler,
} from '../../src/shared/wire/to-shard.ts';
import type { Budget } from '../mailbox/budget.ts';
import { Mailroom } from '../mailbox/mailboxes.ts';
import { type Recovered, recover } from '../mailbox/recovery.ts';
import type { Store } from '../mailbox/store.ts';
import { Attachment } from '../names/attachment.ts';
import { IdleNames } from '../names/idle-names.ts';
import { type Name, NameTable } from '../names/name-table.ts';
import { WaitingPeers } from '../names/waiting.ts';
import { ShardCounts } from './counts.ts';
import { Delivery } from './delivery/delivery.ts';
import { TurnDeliveries } from './delivery/turn-deliveries.ts';
import { WriterWindows } from './delivery/windows.ts';
import { ListCache } from './list-cache.ts';
import { OperatorNotices } from './notices/operator-notices.ts';
import { SenderNotices } from './notices/sender-notices.ts';
import { Outgoing } from './outgoing.ts';

/** Buckets of the name table that one tick looks at for what is too old. */
const BUCKETS_A_TICK = 32_768;
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
  readonly #outgoing: Outgoing;
  readonly #out: BatchBuilder;
  readonly #names: NameTable;
  readonly #attachments = new Map<AttachmentNumber, Attachment>();
  readonly #idle = new IdleNames();
  /** Who has left last. */
  #lastLeft: Name | undefined;
  readonly #waiting = new WaitingPeers();
  readonly #lists: ListCache;
  readonly #turn = new TurnDeliveries();
  readonly #windows: WriterWindows;
  readonly #delivery: Delivery;
  readonly #mailroom: Mailroom;
  readonly #notices: SenderNotices;
  readonly #operator: OperatorNotices;
  readonly #counts = new ShardCounts();
  #now: number;
  #worked = 0;
  #unanswered = false;
  /** Batches in lent buffers, which go back once nothing looks at them any more. */
  readonly #spent: Loan[] = [];
  #draining = false;
  #sweepAt = 0;

  #loading = false;
  #away = 0;

  constructor(settings: ShardSettings, edges: ShardEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#outgoing = new Outgoing(edges.post, edges.out);
    this.#out = this.#outgoing.batch;
    this.#names = new NameTable(edges.seed, settings.holdSeconds > 0);
    this.#lists = new ListCache(this.#names);
    this.#now = edges.now();
    const now = () => this.#now;
    this.#mailroom = new Mailroom(settings, {
      budget: edges.budget,
      store: settings.holdSeconds > 0 ? edges.store : undefined,
      now,
      dropped: (reason, count) => {
        this.#counts.dropped[reason] += count;
      },
      ready: (name) => (name.holder === undefined ? this.#expire(name) : this.#delivery.feed(name)),
      emptied: (name) => this.#noteIdle(name),
      answered: () => edges.wake?.(),
      missing: (name, count) => this.#noteMissing(name.bytes, count),
      failed: (error) => this.#operator.storeFailed(error),
      unreadable: (error) => this.#operator.unreadable(error),
    });
    this.#notices = new SenderNotices(settings, this.#out, this.#mailroom);
    this.#operator = new OperatorNotices(this.#out, now);
    this.#windows = new WriterWindows(settings, this.#turn);
    this.#delivery = new Delivery(settings, {
      mailroom: this.#mailroom,
      idle: this.#idle,
      turn: this.#turn,
      windows: this.#windows,
      outgoing: this.#outgoing,
      notices: this.#notices,
      operator: this.#operator,
      counts: this.#counts,
      now,
    });
  }

  /**
   * Takes over what the store has for the names that are `mine`; before anything is received.
   * @param handed what of it a shard before this one has handed out
   * @param compare whether all mail is counted, because the broker before has not ended in order
   * @throws the store's own error if it cannot be read
   */
  async load(
    mine: (name: Uint8Array) => boolean,
    handed: readonly PriorDelivery[] = [],
    compare = false,
  ): Promise<void> {
    const { store } = this.#edges;
    if (store === undefined || this.#settings.holdSeconds === 0) return;
    this.#loading = true;
    await recover(store, { mine, handed, compare }, (recovered) => this.#recovered(recovered));
    this.#loading = false;
    this.#findIdle();
    for (const each of handed) this.#knowAgain(each);
    this.#operator.reportMissing();
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
    this.#notices.changed(name);
    if (record.to > record.from) this.#mailroom.recovered(name, recovered);
    if (recovered.missing > 0) this.#noteMissing(name.bytes, recovered.missing);
    if (!name.remembered) this.#forget(name);
    else if (record.present || recovered.differs) this.#mailroom.touch(name);
  }

  #noteMissing(name: Uint8Array, count: number): void {
    this.#counts.dropped['damaged in the store'] += count;
    this.#operator.missing(name, count);
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
  #knowAgain({ name: bytes, handedNumber }: PriorDelivery): void {
    const name = this.#names.findOrAdd(bytes);
    if (this.#notices.isNew(name)) {
      this.#notices.changed(name);
      this.#leave(name);
    }
    if (handedNumber === 0) return;
    name.nextNumber = Math.max(name.nextNumber, fullNumber(handedNumber, name.nextNumber) + 1);
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
    if (!readToShard(post, this)) this.#counts.malformed++;
    this.#lists.clear();
    if (this.#turn.bytes >= FULL_BATCH_BYTES) this.#finishBatches();
  }

  /** Posts what there is to say: once a turn. */
  postOut(): void {
    this.#finishBatches();
    // Mail that became too old, or was not there, may have left names behind with nothing waiting.
    this.#forgetTooMany();
    this.#mailroom.submit();
    this.#answer();
    this.#outgoing.post();
  }

  /** Hands out what is on its way; then nothing looks at the batches any more. */
  #finishBatches(): void {
    this.#delivery.finishTurn();
    for (const { from, number } of this.#spent) from.giveBack(number);
    this.#spent.length = 0;
  }

  /** Says what was worked off. Every post is answered in the turn it is received: the next may wait for that. */
  #answer(): void {
    const worked = this.#mailroom.behind ? 0 : this.#worked;
    if (worked === 0 && !this.#unanswered) return;
    putWorked(this.#out, worked);
    this.#worked -= worked;
    this.#unanswered = false;
  }

  /** Lets time pass: drops what has become too old, a part of the names a call. */
  tick(): void {
    this.#now = this.#edges.now();
    this.#operator.reportMissing();
    this.#notices.tick();
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
    return this.#delivery.begun;
  }

  stats(): ShardStats {
    return {
      names: this.#names.size,
      namesAway: this.#away,
      attachments: this.#attachments.size,
      heldMessages: this.#mailroom.heldMessages,
      heldBytes: this.#mailroom.heldBytes,
      memoryBytes: this.#mailroom.memoryBytes,
      delivered: this.#counts.delivered,
      returned: this.#counts.returned,
      dropped: { ...this.#counts.dropped },
      malformed: this.#counts.malformed,
    };
  }

  attach(number: AttachmentNumber, bytes: Uint8Array, sendOnly: boolean, account: Account): void {
    if (this.#attachments.has(number)) return;
    const name = this.#names.findOrAdd(bytes);
    const attachment = new Attachment(number, name, account, this.#settings.firstWindowBytes);
    const free = name.holder === undefined;
    if (!sendOnly && !free && this.#settings.strict && !this.#waiting.add(attachment)) {
      putAttached(this.#out, number, 'refused', 0);
      return;
    }
    this.#attachments.set(number, attachment);
    this.#windows.began(attachment);
    if (free && !sendOnly) this.#enter(attachment, account);
    else this.#sayAttached(attachment);
  }

  /** The attachment is the holder of its name from now on. */
  #enter(attachment: Attachment, account?: Account): void {
    const { name } = attachment;
    if (name.away) this.#away--;
    name.away = false;
    this.#idle.remove(name);
    name.holder = attachment;
    this.#mailroom.touch(name);
    if (account !== undefined && account.handedFrames !== 0) this.#takeOver(name, account);
    this.#notices.changed(name);
    this.#sayAttached(attachment);
    this.#delivery.feed(name);
  }

  /** What waits is not known before all is said of the life of this shard before: `begin` says it then. */
  #sayAttached(attachment: Attachment): void {
    if (!this.#delivery.begun) return;
    const { number, name } = attachment;
    if (name.holder === attachment) putAttached(this.#out, number, 'receiving', name.waitingMessages);
    else putAttached(this.#out, number, this.#waiting.has(attachment) ? 'waiting' : 'send-only', 0);
  }

  /** The numbers go on where a shard before this one ended, and what was written meanwhile is not held any more. */
  #takeOver(name: Name, { handedNumber, writtenFrames, writtenNumber }: Account): void {
    name.nextNumber = Math.max(name.nextNumber, fullNumber(handedNumber, name.nextNumber) + 1);
    if (writtenFrames !== 0) this.#mailroom.written(name, writtenNumber);
  }

  list(list: ListRecord): void {
    this.#lists.add(list);
  }

  message(message: MessageRecord): void {
    const { list } = message;
    if (list === TO_ONE) {
      const name = this.#names.find(message.memory.bytes, message.nameAt, message.nameLength);
      if (name !== undefined) this.#delivery.offer(name, message);
      else this.#delivery.dropUnknown(nameOf(message), message.sender);
      return;
    }
    const end = this.#lists.end(list);
    for (let index = this.#lists.first(list); index < end; index++) {
      const name = this.#lists.name(list, index);
      if (name !== undefined) this.#delivery.offer(name, message);
      else this.#delivery.dropUnknown(this.#lists.bytes(index), message.sender);
    }
  }

  written(number: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    const attachment = this.#attachments.get(number);
    if (attachment === undefined) return;
    if (!this.#windows.written(attachment, frames, bytes)) return;
    this.#mailroom.written(attachment.name, lastNumber);
    if (attachment.name.holder === attachment) this.#delivery.feed(attachment.name);
  }

  return(mail: Return): void {
    const attachment = this.#attachments.get(mail.attachment);
    if (attachment === undefined) {
      this.#takeForeignReturn(mail);
      return;
    }
    const { name } = attachment;
    this.#delivery.handOutTurn(name);
    if (this.#windows.written(attachment, mail.writtenFrames, mail.writtenBytes)) {
      this.#mailroom.written(name, mail.writtenNumber);
    }
    if (!this.#windows.returned(attachment, mail.runs)) this.#counts.malformed++;
    if (mail.last) {
      attachment.ended = true;
      if (name.holder === attachment) {
        name.holder = undefined;
        // One that left while the name was not fed has nothing of its own to settle.
        name.unsettled ??= attachment;
        this.#mailroom.holderGone(name);
        this.#notices.changed(name);
        const next = this.#waiting.next(name);
        if (next !== undefined) this.#enter(next);
      } else this.#waiting.remove(attachment);
    }
    if (attachment.ended && attachment.outstandingFrames === 0) this.#settle(attachment);
  }

  whoIs(asker: AttachmentNumber, bytes: Uint8Array): void {
    const name = this.#names.find(bytes);
    const here = name?.holder !== undefined;
    const state = here ? 'here' : name?.remembered === true ? 'away' : 'unknown';
    putWhoIs(this.#out, asker, bytes, {
      state,
      awaySeconds: name?.away ? this.#now - name.awaySince : 0,
      waiting: name === undefined ? 0 : name.waitingMessages,
    });
  }

  flush(token: number): void {
    this.#delivery.finishTurn();
    let waiting = 0;
    for (const attachment of this.#attachments.values()) {
      if (attachment.name.holder === attachment) waiting += attachment.name.mailbox?.count ?? 0;
    }
    putFlushed(this.#out, token, waiting, this.#mailroom.storing);
  }

  drain(): void {
    this.#draining = true;
    this.#operator.reportMissing();
  }

  begin(): void {
    this.#delivery.begin();
    this.#forgetTooMany();
    for (const attachment of this.#attachments.values()) this.#sayAttached(attachment);
    for (const { name } of this.#attachments.values()) this.#delivery.feed(name);
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
    if (name.holder !== undefined) this.#delivery.feed(name);
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
    this.#counts.returned += count;
    if (count === 0) return;
    if (!name.remembered) {
      this.#counts.dropped['nothing is held'] += count;
      return;
    }
    this.#mailroom.putBack(name, runs, count, bytes);
  }

  /** A return for an attachment that a shard before this one knew: the mail is kept, by its name. */
  #takeForeignReturn(mail: Return): void {
    if (mail.last) putSettled(this.#out, mail.attachment);
    if (mail.runs.length === 0) return;
    const name = this.#names.findOrAdd(mail.name);
    if (this.#notices.isNew(name)) this.#notices.changed(name);
    this.#delivery.handOutTurn(name);
    const count = mail.runs.reduce((sum, run) => sum + run.count, 0);
    this.#counts.returned += count;
    this.#idle.remove(name);
    if (name.remembered) this.#mailroom.putBackBefore(name, mail.runs);
    else this.#counts.dropped['nothing is held'] += count;
    if (name.holder !== undefined) this.#delivery.feed(name);
    else if (name.away) {
      this.#mailroom.storeAll(name);
      this.#noteIdle(name);
    } else if (name.unsettled === undefined) this.#leave(name);
  }

  /** Nobody is attached to `name` any more, and all is settled: it is remembered, or forgotten. */
  #leave(name: Name): void {
    if (!name.remembered) {
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
    if (!this.#delivery.begun) return;
    while (this.#away > this.#settings.maxNames) {
      const { oldest } = this.#idle;
      const next = oldest === this.#lastLeft ? oldest?.newerIdle : oldest;
      if (next === undefined) return;
      this.#forget(next);
      this.#operator.forgotten();
    }
  }

  /** The last of a name's send-only peers may have outlived all others. */
  #leaveIfIdle(name: Name): void {
    const idle = name.holder === undefined && name.unsettled === undefined && !name.away;
    if (idle && this.#names.find(name.bytes) === name) this.#leave(name);
  }

  #forget(name: Name): void {
    this.#counts.dropped['nothing is held'] += this.#mailroom.forget(name);
    if (name.away) this.#away--;
    name.away = false;
    this.#idle.remove(name);
    this.#names.remove(name);
    this.#notices.forgotten(name.bytes);
  }

  #expire(name: Name): void {
    this.#delivery.dropOld(name);
    if (name.holder !== undefined) this.#delivery.feed(name);
    if (name.away && name.mailbox === undefined && name.awaySince < this.#now - this.#settings.holdSeconds) {
      this.#forget(name);
    }
  }
}

function nameOf({ memory, nameAt, nameLength }: MessageRecord): Uint8Array {
  return memory.bytes.subarray(nameAt, nameAt + nameLength);
}
