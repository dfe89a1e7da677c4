/** Sends a message to the shards of its destinations, and records of an attachment to the shard of its name. */
import type { BufferPool } from '../shared/memory/buffer-pool.ts';
import type { Frames } from '../shared/wire/frames/frames.ts';
import { countOf, type Prefix, putList, putMessage, putMessageToOne } from '../shared/wire/message.ts';
import { type AttachmentNumber, NO_QUESTION, type Progress } from '../shared/wire/records.ts';
import { putAskWho, putAttach, putRejected, putReturn, putWritten } from '../shared/wire/to-shard.ts';
import type { DestinationSet, MessageText, Names } from './destination-set.ts';
import { NAME_COST_BYTES, Outbox } from './outbox.ts';
import type { Placement } from './placement.ts';
import { listIn, type ShardList, shardLists } from './shard-lists.ts';

/**
 * A list is sent in parts of no more cost than this, or of one name. Between two parts a shard can show that it is
 * congested, and other sessions have their turn.
 */
export const PART_COST_BYTES = 256 * 1024;

/** Whether a message was sent to all its destinations, or only to as many as its cost limit allowed. */
export type Routed = 'routed' | 'in part';

/** Options of a router. Each can be left out. */
export interface RouterOptions {
  /** Calls a step when the turn of the event loop is over. */
  readonly endOfTurn?: (step: () => void) => void;
  /** The buffers for the batches of a shard (outbox.ts). */
  readonly poolTo?: (shard: number) => BufferPool | undefined;
  /** The most cost of a part of a list; simulations set another one than PART_COST_BYTES. */
  readonly partCostBytes?: number;
}

/** Puts the records of sessions into the outboxes of the shards that they are for. */
export class Router {
  readonly outboxes: readonly Outbox[];
  readonly #placement: Placement;
  readonly #partCostBytes: number;
  /** Of the message that was sent last: how many of its names are done, and its cost in this call, in bytes. */
  namesDone = 0;
  costBytes = 0;
  /** Of a message or question that must wait: the cost for which there was no room, in bytes. */
  askedBytes = 0;
  /** The messages that were sent to all their names. */
  routed = 0;
  #attached = 0;

  constructor(placement: Placement, { endOfTurn, poolTo, partCostBytes = PART_COST_BYTES }: RouterOptions = {}) {
    this.#placement = placement;
    this.#partCostBytes = partCostBytes;
    this.outboxes = Array.from({ length: placement.count }, (_, shard) => new Outbox(endOfTurn, poolTo?.(shard)));
  }

  /** @returns the shard that owns a name */
  shardOf(name: Uint8Array): number {
    return this.#placement.placeOf(name, 0, name.length);
  }

  /**
   * @returns the outbox of a shard
   * @throws RangeError if there is no such shard
   */
  outbox(shard: number): Outbox {
    const outbox = this.outboxes[shard];
    if (outbox === undefined) throw new RangeError(`no shard ${shard}`);
    return outbox;
  }

  /**
   * Sends a message, or continues to send it.
   * @param prefix `from SENDER: `
   * @param namesDone how many of its names earlier calls have sent it to
   * @param maxCostBytes the most cost before other sessions have their turn; one part is always sent
   * @returns `routed` if it was sent to all names; otherwise `in part`, or the congested outbox that the session must
   *   wait for. Then the message must be sent again later, from the new `namesDone` on
   */
  send(
    sender: AttachmentNumber,
    prefix: Prefix,
    to: DestinationSet,
    text: MessageText,
    namesDone = 0,
    maxCostBytes = Number.POSITIVE_INFINITY,
  ): Outbox | Routed {
    this.namesDone = namesDone;
    this.costBytes = 0;
    // Most messages have one destination, or a cached list of them. Both have a fast path.
    const cost = this.#costOf(prefix, text);
    if (to.count === 1) return this.#toOne(sender, prefix, to.names(), text, cost);
    if (!to.lasting || namesDone > 0 || cost * to.count > this.#partCostBytes) {
      return this.#toNames(sender, prefix, to.names(), text, cost, maxCostBytes);
    }
    to.route ??= shardLists(to.names(), this.outboxes.length);
    return this.#toLists(sender, prefix, to.route, text, cost);
  }

  #toOne(sender: AttachmentNumber, prefix: Prefix, to: Names, text: MessageText, cost: number): Outbox | Routed {
    const outbox = this.outboxes[to.shards[0] as number] as Outbox;
    if (!outbox.hasRoom(cost)) return this.#mustWait(outbox, cost);
    putMessageToOne(outbox.batch, sender, prefix, text.line, text, to.line, to);
    outbox.schedule();
    this.routed++;
    return 'routed';
  }

  /** @param cost the cost of each name */
  #toLists(
    sender: AttachmentNumber,
    prefix: Prefix,
    lists: readonly ShardList[],
    text: MessageText,
    cost: number,
  ): Outbox | Routed {
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      if (!outbox.hasRoom(list.names * cost)) return this.#mustWait(outbox, list.names * cost);
    }
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      putMessage(outbox.batch, sender, listIn(outbox.batch, list), prefix, text.line, text);
      this.#charge(outbox, list.names * cost);
    }
    this.routed++;
    return 'routed';
  }

  #toNames(
    sender: AttachmentNumber,
    prefix: Prefix,
    to: Names,
    text: MessageText,
    cost: number,
    maxCostBytes: number,
  ): Outbox | Routed {
    const namesAPart = Math.max(1, Math.floor(this.#partCostBytes / cost));
    while (this.namesDone < to.count) {
      const end = Math.min(to.count, this.namesDone + namesAPart);
      const congested = this.#congested(to, this.namesDone, end, cost);
      if (congested !== undefined) return congested;
      this.#putPart(sender, prefix, to, text, end, cost);
      this.namesDone = end;
      if (this.costBytes >= maxCostBytes && end < to.count) return 'in part';
    }
    this.routed++;
    return 'routed';
  }

  /** The cost of one destination: its frame, and the work to find where it goes. */
  #costOf(prefix: Prefix, { bodyStart, bodyEnd }: MessageText): number {
    return (prefix[0] as number) + bodyEnd - bodyStart + NAME_COST_BYTES;
  }

  #congested(to: Names, first: number, end: number, cost: number): Outbox | undefined {
    for (let shard = 0; shard < this.outboxes.length; shard++) {
      const outbox = this.outboxes[shard] as Outbox;
      if (!outbox.congested) continue;
      const asked = countOf(to, shard, first, end) * cost;
      if (asked > 0 && !outbox.hasRoom(asked)) return this.#mustWait(outbox, asked);
    }
    return undefined;
  }

  #mustWait(outbox: Outbox, costBytes: number): Outbox {
    this.askedBytes = costBytes;
    return outbox;
  }

  /** Sends the message to the names that are not done yet, up to before number `end`. */
  #putPart(sender: AttachmentNumber, prefix: Prefix, to: Names, text: MessageText, end: number, cost: number): void {
    const first = this.namesDone;
    for (let shard = 0; shard < this.outboxes.length; shard++) {
      const outbox = this.outboxes[shard] as Outbox;
      const list = putList(outbox.batch, shard, to.line, to, first, end);
      if (list === undefined) continue;
      putMessage(outbox.batch, sender, list, prefix, text.line, text);
      this.#charge(outbox, countOf(to, shard, first, end) * cost);
    }
  }

  #charge(outbox: Outbox, costBytes: number): void {
    this.costBytes += costBytes;
    outbox.charge(costBytes);
    outbox.schedule();
  }

  /**
   * Asks the shard of a name about it.
   * @param question the number of the question, which the answer has too
   * @returns the congested outbox to wait for, as `send` does; undefined if the question was sent
   */
  askWho(asker: AttachmentNumber, name: Uint8Array, question = NO_QUESTION): Outbox | undefined {
    const outbox = this.outbox(this.shardOf(name));
    if (!outbox.hasRoom(NAME_COST_BYTES)) return this.#mustWait(outbox, NAME_COST_BYTES);
    putAskWho(outbox.batch, asker, name, question);
    this.#charge(outbox, NAME_COST_BYTES);
    return undefined;
  }

  /**
   * Attaches a session to a name.
   * @param windowFrames the most frames that its writer may have in hand; undefined if only their bytes count
   * @param proven whether it takes the name over from who has it
   * @returns the place of the attachment in the order of all attachments ever; it only rises
   */
  attach(
    shard: number,
    attachment: AttachmentNumber,
    name: Uint8Array,
    progress: Progress,
    windowFrames: number | undefined,
    proven: boolean,
  ): number {
    const outbox = this.outbox(shard);
    putAttach(outbox.batch, attachment, name, false, progress, windowFrames, proven);
    outbox.schedule();
    return ++this.#attached;
  }

  /**
   * Reports what a writer has written.
   * @param frames the sum since the attachment began, modulo 2^32, as is `bytes`
   * @param lastNumber the number of the last frame that was written
   */
  written(shard: number, attachment: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    const outbox = this.outbox(shard);
    putWritten(outbox.batch, attachment, frames, bytes, lastNumber);
    outbox.schedule();
  }

  /** Reports a message that the program of `name` has rejected. @param number of its frame, modulo 2^32 */
  rejected(name: Uint8Array, attachment: AttachmentNumber, number: number): void {
    const outbox = this.outbox(this.shardOf(name));
    putRejected(outbox.batch, attachment, number);
    outbox.schedule();
  }

  /**
   * Returns mail that a writer has not written.
   * @param last whether the writer has finished
   * @param runs the mail, oldest first; each run is in a buffer of its own, which moves to the shard
   */
  returned(
    shard: number,
    attachment: AttachmentNumber,
    name: Uint8Array,
    last: boolean,
    progress: Progress,
    runs: readonly Frames[],
  ): void {
    const outbox = this.outbox(shard);
    const { writtenFrames, writtenBytes, writtenNumber } = progress;
    putReturn(outbox.batch, { attachment, name, last, writtenFrames, writtenBytes, writtenNumber, runs });
    outbox.schedule();
  }
}
