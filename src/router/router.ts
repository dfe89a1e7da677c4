/**
 * From a message to the shards of its destinations, and from an attachment to the shard of its name.
 */
import type { LentBuffers } from '../shared/memory/buffer-pool.ts';
import type { Frames } from '../shared/wire/frames.ts';
import { countOf, type Prefix, putList, putMessage, putMessageToOne } from '../shared/wire/message.ts';
import type { AttachmentNumber, Progress } from '../shared/wire/records.ts';
import { putAskWho, putAttach, putReturn, putWritten } from '../shared/wire/to-shard.ts';
import type { DestinationSet, MessageText, Names } from './destination-set.ts';
import { NAME_COST_BYTES, Outbox } from './outbox.ts';
import type { Placement } from './placement.ts';
import { listIn, type ShardList, shardLists } from './shard-lists.ts';

/**
 * A list is put in parts that ask a shard for no more than this, or for one name: between two of them a shard can say
 * that it does not follow, and others have their turn.
 */
export const PART_COST_BYTES = 256 * 1024;

/** What became of a message: it is on its way to all its names, or to as many as it may ask for now. */
export type Routed = 'routed' | 'in part';

export interface RouterOptions {
  /** See Outbox. */
  readonly endOfTurn?: (step: () => void) => void;
  readonly lentTo?: (shard: number) => LentBuffers | undefined;
  /** What a part of a list may ask for: another in simulations. */
  readonly partCostBytes?: number;
}

/** Puts what sessions say into the outboxes of the shards it concerns. */
export class Router {
  readonly outboxes: readonly Outbox[];
  readonly #placement: Placement;
  readonly #partCostBytes: number;
  /** Of the message that was sent last: how many of its names are done, and what it has asked shards for. */
  namesDone = 0;
  costBytes = 0;
  /** If it has to wait, what it is about to ask for. */
  askedBytes = 0;
  #attached = 0;

  constructor(placement: Placement, { endOfTurn, lentTo, partCostBytes = PART_COST_BYTES }: RouterOptions = {}) {
    this.#placement = placement;
    this.#partCostBytes = partCostBytes;
    this.outboxes = Array.from({ length: placement.count }, (_, shard) => new Outbox(endOfTurn, lentTo?.(shard)));
  }

  /** The number of the shard that owns a name. */
  shardOf(name: Uint8Array): number {
    return this.#placement.placeOf(name, 0, name.length);
  }

  /** The outbox of shard number `shard`. */
  outbox(shard: number): Outbox {
    const outbox = this.outboxes[shard];
    if (outbox === undefined) throw new RangeError(`no shard ${shard}`);
    return outbox;
  }

  /**
   * Sends a message.
   * @param prefix `from SENDER: `
   * @param namesDone to how many of its names an earlier call has sent it
   * @param maxCostBytes what it may ask shards for before others have their turn; one part of it is always sent
   * @returns what became of it, or the congested outbox of a shard it is for: then the session must wait for that
   *   outbox. After that, or if it was sent in part, it must be sent again from `namesDone` on
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
    // Most messages go to one name, or to a set that was written to before; the general way takes the rest.
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
    return 'routed';
  }

  /** @param cost what each of its names is asked for */
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
    return 'routed';
  }

  /** What one name is asked for: a frame, and the work it is to find where it goes. */
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

  /** Sends to the names from the first that is not done to before number `end`. */
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
   * Asks the shard of a name how it stands.
   * @returns undefined, or the congested outbox to wait for, as `send` does
   */
  askWho(asker: AttachmentNumber, name: Uint8Array): Outbox | undefined {
    const outbox = this.outbox(this.shardOf(name));
    if (!outbox.hasRoom(NAME_COST_BYTES)) return this.#mustWait(outbox, NAME_COST_BYTES);
    putAskWho(outbox.batch, asker, name);
    outbox.schedule();
    return undefined;
  }

  /** @returns its place among all that were ever attached: it rises */
  attach(shard: number, attachment: AttachmentNumber, name: Uint8Array, progress: Progress): number {
    const outbox = this.outbox(shard);
    putAttach(outbox.batch, attachment, name, false, progress);
    outbox.schedule();
    return ++this.#attached;
  }

  written(shard: number, attachment: AttachmentNumber, frames: number, bytes: number, lastNumber: number): void {
    const outbox = this.outbox(shard);
    putWritten(outbox.batch, attachment, frames, bytes, lastNumber);
    outbox.schedule();
  }

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
