/**
 * A shard: the names that hash to it, their peers, their mailboxes, and every decision about them. It reads records and
 * puts records, in one thread, and never waits. This class gives each record to the part that decides:
 * - `delivery/`: is a message delivered now, or does it wait?
 * - `holders/`: who holds a name, and when is it away or forgotten?
 * - `notices/`: what are senders and the operator told?
 *
 * What must be true:
 * 1. No sequence of records makes it throw, not even an invalid one (I6).
 * 2. Every post is answered in the turn in which it is received (I25).
 * 3. A leased buffer is released only when nothing reads its batch any more (I19).
 */
import type { Lease } from '../../src/shared/memory/buffer-pool.ts';
import { FULL_BATCH_BYTES, isLease, type Post, postWeight } from '../../src/shared/wire/batch.ts';
import { type ListRecord, type MessageRecord, TO_ONE } from '../../src/shared/wire/message.ts';
import type { ShardStats } from '../../src/shared/wire/port/control.ts';
import type { PriorDelivery, ShardSettings } from '../../src/shared/wire/port/shard-task.ts';
import type { AttachmentNumber, Progress } from '../../src/shared/wire/records.ts';
import { putAcknowledged, putFlushed, putReleased, putWhoIs } from '../../src/shared/wire/to-main.ts';
import { type Return, readToShard, type ToShardHandler } from '../../src/shared/wire/to-shard.ts';
import type { StoredMessage } from '../../src/store/format.ts';
import { storedSends } from '../mailbox/stored-sends.ts';
import type { NameTable } from '../names/name-table.ts';
import { Asked } from './asked.ts';
import type { Delivery } from './delivery/delivery.ts';
import { recoverNames } from './holders/name-recovery.ts';
import { ListCache } from './list-cache.ts';
import { type ShardEdges, ShardParts } from './parts.ts';

export class Shard implements ToShardHandler {
  readonly #settings: ShardSettings;
  readonly #edges: ShardEdges;
  readonly #parts: ShardParts;
  /** What an operator asks. The results are posted by `postOut`. */
  readonly asked: Asked;
  /** Fields of their own for the parts that every message goes through. */
  readonly #names: NameTable;
  readonly #delivery: Delivery;
  readonly #lists: ListCache;
  /** Leased buffers whose batches have been read. The frames of this turn still lie in them. */
  readonly #spent: Lease[] = [];
  #now: number;
  /** Bytes that have been processed and are not acknowledged yet. */
  #workedBytes = 0;
  /** Whether a post was received that is not answered yet. */
  #unanswered = false;
  #draining = false;

  constructor(settings: ShardSettings, edges: ShardEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#now = Math.floor(edges.now());
    this.#parts = new ShardParts(settings, edges, () => this.#now);
    this.asked = new Asked(this.#parts);
    this.#names = this.#parts.names;
    this.#delivery = this.#parts.delivery;
    this.#lists = new ListCache(this.#names);
  }

  /**
   * Whether the shard was told to drain, every attachment has ended, every frame is accounted for, and all mail that
   * must be stored is stored.
   */
  get drained(): boolean {
    return this.#draining && this.#parts.holders.count === 0 && this.#parts.mailboxes.idle;
  }

  /** Whether deliveries have begun: see `Delivery.begun`. */
  get begun(): boolean {
    return this.#delivery.begun;
  }

  /**
   * Takes over what the store has for the names that are `mine`. To be called before any record is received.
   * @param handed what the previous life of this shard had handed to writers
   * @param compare whether to count all mail, because the previous broker did not stop in order
   * @throws the store's own error if it cannot be read
   */
  async load(
    mine: (name: Uint8Array) => boolean,
    handed: readonly PriorDelivery[] = [],
    compare = false,
  ): Promise<void> {
    const { store } = this.#edges;
    if (store === undefined || this.#settings.holdSeconds === 0) return;
    this.#parts.recent.recovered(await storedSends(store, mine));
    const isOver = ({ heldAt, expiry }: StoredMessage) =>
      expiry <= this.#now || heldAt < this.#now - this.#settings.holdSeconds;
    await recoverNames(store, { mine, handed, compare, isOver }, this.#parts);
  }

  /** Resumes writes, after the store had failed and can be written again. */
  resume(): void {
    this.#parts.mailboxes.resume();
  }

  /** Processes a post. The results are posted by `postOut`, or earlier if they are large. */
  receive(post: Post): void {
    this.#workedBytes += postWeight(post);
    this.#unanswered = true;
    if (isLease(post)) this.#spent.push(post);
    if (!readToShard(post, this)) this.#parts.counts.malformed++;
    this.#lists.clear();
    if (this.#parts.turn.bytes >= FULL_BATCH_BYTES) this.#finishBatches();
  }

  /** Ends a turn: delivers its frames, acknowledges its posts, and posts all of that. */
  postOut(): void {
    this.#finishBatches();
    // In this turn mail may have been found too old or missing. A name that has none left can be forgotten.
    this.#parts.away.forgetTooMany();
    this.#parts.mailboxes.submit();
    this.#answer();
    this.#parts.outgoing.post();
  }

  /** Called about once a second. Drops what is too old, in one part of the names a call. */
  tick(): void {
    this.#now = Math.floor(this.#edges.now());
    this.#parts.operator.reportMissing();
    this.#parts.notices.tick();
    this.#parts.recent.tick();
    this.#parts.away.sweep();
    this.#parts.mailboxes.asked.goOn();
  }

  stats(): ShardStats {
    const { away, counts, holders, mailboxes, names } = this.#parts;
    return {
      names: names.size,
      namesAway: away.count,
      attachments: holders.count,
      heldMessages: mailboxes.heldMessages,
      heldBytes: mailboxes.heldBytes,
      memoryBytes: mailboxes.memoryBytes,
      delivered: counts.delivered,
      returned: counts.returned,
      fed: counts.fed,
      held: counts.held,
      queued: counts.queued,
      repeats: counts.repeats,
      redelivered: counts.redelivered,
      dropped: { ...counts.dropped },
      malformed: counts.malformed,
    };
  }

  /** The age of the oldest message that waits in a mailbox, in seconds; 0 if none waits. It is a moment old. */
  get oldestSeconds(): number {
    return Math.max(0, this.#now - (this.#parts.away.oldestMail ?? this.#now));
  }

  attach(
    number: AttachmentNumber,
    name: Uint8Array,
    sendOnly: boolean,
    progress: Progress,
    windowFrames?: number,
    proven?: boolean,
  ): void {
    this.#parts.holders.attach(number, name, sendOnly, progress, windowFrames, proven);
  }

  list(list: ListRecord): void {
    this.#lists.add(list);
  }

  message(message: MessageRecord): void {
    const { list } = message;
    if (list === TO_ONE) {
      const name = this.#names.find(message.memory.bytes, message.nameAt, message.nameLength);
      if (name !== undefined) this.#delivery.offer(name, message);
      else this.#delivery.offerUnknown(nameOf(message), message);
      return;
    }
    const end = this.#lists.end(list);
    for (let index = this.#lists.first(list); index < end; index++) {
      const name = this.#lists.name(list, index);
      if (name !== undefined) this.#delivery.offer(name, message);
      else this.#delivery.offerUnknown(this.#lists.bytes(index), message);
    }
  }

  written(number: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    this.#parts.holders.written(number, frames, bytes, lastNumber);
  }

  rejected(attachment: AttachmentNumber, number: number): void {
    this.#parts.holders.rejected(attachment, number);
  }

  return(mail: Return): void {
    this.#parts.holders.return(mail);
  }

  whoIs(asker: AttachmentNumber, bytes: Uint8Array, question: number): void {
    const name = this.#names.find(bytes);
    const here = name?.holder !== undefined;
    const state = here ? 'here' : name?.remembered === true ? 'away' : 'unknown';
    const awaySeconds = name?.away ? this.#now - name.awaySince : 0;
    const waiting = name === undefined ? 0 : name.waitingMessages;
    putWhoIs(this.#parts.outgoing.batch, asker, bytes, { state, awaySeconds, waiting }, question);
  }

  flush(flushId: number): void {
    // Buffers are not returned here: the batch with this record is still being read.
    this.#delivery.finishTurn();
    putFlushed(this.#parts.outgoing.batch, flushId, this.#parts.holders.waitingMessages, this.#parts.mailboxes.storing);
  }

  drain(): void {
    this.#draining = true;
    this.#parts.operator.reportMissing();
  }

  begin(): void {
    this.#delivery.begin();
    this.#parts.mailboxes.begin();
    this.#parts.away.forgetTooMany();
    this.#parts.holders.begin();
  }

  /**
   * Delivers the frames of this turn. After that this thread does not read the batches any more, and their buffers are
   * released.
   */
  #finishBatches(): void {
    this.#delivery.finishTurn();
    const { outgoing, turn } = this.#parts;
    const inPlace = turn.takeInPlace();
    for (const { from, number } of this.#spent) {
      // What is delivered in place is read by the main thread, which releases the buffer after that.
      if (inPlace) putReleased(outgoing.batch, number);
      else from.release(number);
    }
    this.#spent.length = 0;
  }

  /**
   * Acknowledges what was processed. A turn with a post is answered in any case, with 0 bytes if the disk is behind:
   * the outbox may wait for the answer.
   */
  #answer(): void {
    const bytes = this.#parts.mailboxes.behind ? 0 : this.#workedBytes;
    if (bytes === 0 && !this.#unanswered) return;
    putAcknowledged(this.#parts.outgoing.batch, bytes);
    this.#workedBytes -= bytes;
    this.#unanswered = false;
  }
}

function nameOf({ memory, nameAt, nameLength }: MessageRecord): Uint8Array {
  return memory.bytes.subarray(nameAt, nameAt + nameLength);
}
