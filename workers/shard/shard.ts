/**
 * A shard: the names that hash to it, their peers, their mailboxes, and every decision about them. Records come in and
 * records go out, in one thread and without waiting. Here each record is handed to the part that decides:
 * - `delivery/`: whether a message goes out now or waits, and when what waits goes out;
 * - `holders/`: who holds a name, and when it is away or forgotten;
 * - `notices/`: what senders and the operator are told.
 *
 * What must be true:
 * 1. No sequence of records makes it throw, whether they are true or not (I6).
 * 2. Every post is answered in the turn in which it is received (I25).
 * 3. A lent buffer goes back only when nothing looks at its batch any more (I19).
 */
import type { Loan } from '../../src/shared/memory/buffer-pool.ts';
import { FULL_BATCH_BYTES, isLoan, type Post, postWeight } from '../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../src/shared/wire/control.ts';
import { type ListRecord, type MessageRecord, TO_ONE } from '../../src/shared/wire/message.ts';
import type { AttachmentNumber, Progress } from '../../src/shared/wire/records.ts';
import type { PriorDelivery, ShardSettings } from '../../src/shared/wire/shard-task.ts';
import { putAcknowledged, putFlushed, putWhoIs } from '../../src/shared/wire/to-main.ts';
import { type Return, readToShard, type ToShardHandler } from '../../src/shared/wire/to-shard.ts';
import type { NameTable } from '../names/name-table.ts';
import type { Delivery } from './delivery/delivery.ts';
import { recoverNames } from './holders/name-recovery.ts';
import { ListCache } from './list-cache.ts';
import { type ShardEdges, ShardParts } from './parts.ts';

export class Shard implements ToShardHandler {
  readonly #settings: ShardSettings;
  readonly #edges: ShardEdges;
  readonly #parts: ShardParts;
  /** The parts that every message goes through. */
  readonly #names: NameTable;
  readonly #delivery: Delivery;
  readonly #lists: ListCache;
  /** Lent buffers whose batches are worked off: they go back once nothing looks at them any more. */
  readonly #spent: Loan[] = [];
  #now: number;
  /** What was worked off and is not acknowledged yet. */
  #workedBytes = 0;
  /** Whether a post was received in this turn. */
  #unanswered = false;
  #draining = false;

  constructor(settings: ShardSettings, edges: ShardEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#now = edges.now();
    this.#parts = new ShardParts(settings, edges, () => this.#now);
    this.#names = this.#parts.names;
    this.#delivery = this.#parts.delivery;
    this.#lists = new ListCache(this.#names);
  }

  /** True when it was told to drain, every attachment has ended and every frame is accounted for. */
  get drained(): boolean {
    return this.#draining && this.#parts.holders.count === 0 && this.#parts.mailboxes.idle;
  }

  /** Whether all is known of what a crashed life of this shard had handed out: before that, nothing is handed out. */
  get begun(): boolean {
    return this.#delivery.begun;
  }

  /**
   * Takes over what the store has for the names that are `mine`. Nothing may have been received before.
   * @param handed what of it a life of this shard before has handed out
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
    await recoverNames(store, { mine, handed, compare }, this.#parts);
  }

  /** The store can be written again. */
  resume(): void {
    this.#parts.mailboxes.resume();
  }

  /** Works off a post. What comes of it is posted by `postOut`, or earlier where it is much. */
  receive(post: Post): void {
    this.#workedBytes += postWeight(post);
    this.#unanswered = true;
    if (isLoan(post)) this.#spent.push(post);
    if (!readToShard(post, this)) this.#parts.counts.malformed++;
    this.#lists.clear();
    if (this.#parts.turn.bytes >= FULL_BATCH_BYTES) this.#finishBatches();
  }

  /** Ends a turn: hands out its frames, answers its posts, and posts all of that. */
  postOut(): void {
    this.#finishBatches();
    // Names that had mail may have none by now, because it became too old or was missing: they can be forgotten.
    this.#parts.away.forgetTooMany();
    this.#parts.mailboxes.submit();
    this.#answer();
    this.#parts.outgoing.post();
  }

  /** Lets time pass; called about once a second. Drops what has become too old, in a part of the names a call. */
  tick(): void {
    this.#now = this.#edges.now();
    this.#parts.operator.reportMissing();
    this.#parts.notices.tick();
    this.#parts.away.sweep();
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
      dropped: { ...counts.dropped },
      malformed: counts.malformed,
    };
  }

  attach(number: AttachmentNumber, name: Uint8Array, sendOnly: boolean, progress: Progress): void {
    this.#parts.holders.attach(number, name, sendOnly, progress);
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
    this.#parts.holders.written(number, frames, bytes, lastNumber);
  }

  return(mail: Return): void {
    this.#parts.holders.return(mail);
  }

  whoIs(asker: AttachmentNumber, bytes: Uint8Array): void {
    const name = this.#names.find(bytes);
    const here = name?.holder !== undefined;
    const state = here ? 'here' : name?.remembered === true ? 'away' : 'unknown';
    putWhoIs(this.#parts.outgoing.batch, asker, bytes, {
      state,
      awaySeconds: name?.away ? this.#now - name.awaySince : 0,
      waiting: name === undefined ? 0 : name.waitingMessages,
    });
  }

  flush(flushId: number): void {
    // Buffers do not go back here: the batch that this record is in is still being read.
    this.#delivery.finishTurn();
    putFlushed(this.#parts.outgoing.batch, flushId, this.#parts.holders.waitingMessages, this.#parts.mailboxes.storing);
  }

  drain(): void {
    this.#draining = true;
    this.#parts.operator.reportMissing();
  }

  begin(): void {
    this.#delivery.begin();
    this.#parts.away.forgetTooMany();
    this.#parts.holders.begin();
  }

  /** Hands out the frames of this turn. Nothing looks at the batches any more then, so their buffers go back. */
  #finishBatches(): void {
    this.#delivery.finishTurn();
    for (const { from, number } of this.#spent) from.giveBack(number);
    this.#spent.length = 0;
  }

  /** Acknowledges what was worked off. A turn with a post is answered in any case: the next post may wait for that. */
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
