/**
 * From a line to the shards of its destinations, and back from an attachment to its session.
 */
import { AddressedLine, COLON, firstSeparator } from '../protocol/plain/address.ts';
import { RememberedLists, type ShardList } from '../protocol/plain/address-cache.ts';
import { hashName, shardOf } from '../shared/common/name-hash.ts';
import type { LentBuffers } from '../shared/memory/buffer-pool.ts';
import type { Frames } from '../shared/wire/frames.ts';
import {
  type Body,
  countOf,
  type Line,
  type Prefix,
  putList,
  putMessage,
  putMessageToOne,
  repeatList,
} from '../shared/wire/message.ts';
import type { AttachmentNumber, Progress } from '../shared/wire/records.ts';
import { putAskWho, putAttach, putReturn, putWritten } from '../shared/wire/to-shard.ts';
import { NAME_COST_BYTES, Outbox } from './outbox.ts';

/**
 * A list is put in parts that ask a shard for no more than this, or for one name: between two of them a shard can say
 * that it does not follow, and others have their turn.
 */
export const PART_COST_BYTES = 256 * 1024;

/** What became of a line: all of it is on its way, or as much as it may ask for now; it names nobody, or too many. */
export type Routed = 'routed' | 'in part' | 'no colon' | 'too many names';

export interface RouterOptions {
  /** See Outbox. */
  readonly endOfTurn?: (step: () => void) => void;
  readonly lentTo?: (shard: number) => LentBuffers | undefined;
  /** Names that one line may go to. */
  readonly maxNames?: number;
  /** What a part of a list may ask for: another in simulations. */
  readonly partCostBytes?: number;
}

/** Puts what sessions say into the outboxes of the shards it concerns. */
export class Router {
  readonly outboxes: readonly Outbox[];
  /** The line at hand, split; one for all sessions, because a line is routed before the next one is split. */
  readonly #to: AddressedLine;
  readonly #remembered: RememberedLists;
  readonly #partCostBytes: number;
  /** Of the line that was routed last: how many of its names are done, and what it has asked shards for. */
  namesDone = 0;
  costBytes = 0;
  /** If it has to wait, what it is about to ask for. */
  askedBytes = 0;
  /** The names of it that had to be split and hashed: the work it was to this thread. */
  namesSplit = 0;
  #attached = 0;

  constructor(shards: number, { endOfTurn, lentTo, maxNames, partCostBytes = PART_COST_BYTES }: RouterOptions = {}) {
    this.#partCostBytes = partCostBytes;
    this.outboxes = Array.from({ length: shards }, (_, shard) => new Outbox(endOfTurn, lentTo?.(shard)));
    this.#to = new AddressedLine(shards, maxNames);
    this.#remembered = new RememberedLists(shards);
  }

  /** The number of the shard that owns a name. */
  shardOf(name: Uint8Array): number {
    return shardOf(hashName(name), this.outboxes.length);
  }

  /** The outbox of shard number `shard`. */
  outbox(shard: number): Outbox {
    const outbox = this.outboxes[shard];
    if (outbox === undefined) throw new RangeError(`no shard ${shard}`);
    return outbox;
  }

  /**
   * Routes a line; one that names nobody goes nowhere.
   * @param prefix `from SENDER: `
   * @param namesDone how many of its names an earlier call has routed
   * @param maxCostBytes what it may ask shards for before others have their turn; one part of it is always routed
   * @returns what became of it, or the congested outbox of a shard it is for: then the session must wait for that
   *   outbox. After that, or if it was routed in part, it must be routed again from `namesDone` on
   */
  route(
    sender: AttachmentNumber,
    prefix: Prefix,
    line: Line,
    namesDone = 0,
    maxCostBytes = Number.POSITIVE_INFINITY,
  ): Outbox | Routed {
    this.namesDone = namesDone;
    this.costBytes = 0;
    this.namesSplit = 0;
    // Most lines go to one name, or to a list that was written to before; the general way takes the rest.
    const separator = firstSeparator(line.bytes, line.start, line.end);
    if (separator < 0) return 'no colon';
    if (line.bytes[separator] === COLON) return this.#routeToOne(sender, prefix, line, separator);
    const lists = namesDone === 0 ? this.#remembered.find(line) : undefined;
    const cost = lists === undefined ? 0 : this.#costOf(prefix, this.#remembered);
    return lists === undefined || cost * this.#remembered.names > this.#partCostBytes
      ? this.#routeToNew(sender, prefix, line, maxCostBytes)
      : this.#routeToList(lists, cost, sender, prefix, line);
  }

  #routeToOne(sender: AttachmentNumber, prefix: Prefix, line: Line, colon: number): Outbox | Routed {
    const to = this.#to;
    to.toOne(line.bytes, line.start, colon, line.end);
    const outbox = this.outboxes[to.shards[0] as number] as Outbox;
    const cost = this.#costOf(prefix, to);
    if (!outbox.hasRoom(cost)) return this.#mustWait(outbox, cost);
    putMessageToOne(outbox.batch, sender, prefix, line, to);
    outbox.schedule();
    return 'routed';
  }

  /** @param cost what each of its names is asked for */
  #routeToList(
    lists: readonly ShardList[],
    cost: number,
    sender: AttachmentNumber,
    prefix: Prefix,
    line: Line,
  ): Outbox | Routed {
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      if (!outbox.hasRoom(list.names * cost)) return this.#mustWait(outbox, list.names * cost);
    }
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      const { batch } = outbox;
      if (list.batch !== batch.serial) {
        list.number = repeatList(batch, list.record);
        list.batch = batch.serial;
      }
      putMessage(batch, sender, list.number, prefix, line, this.#remembered);
      this.#charge(outbox, list.names * cost);
    }
    return 'routed';
  }

  #routeToNew(sender: AttachmentNumber, prefix: Prefix, line: Line, maxCostBytes: number): Outbox | Routed {
    const to = this.#to;
    const found = to.split(line.bytes, line.start, line.end);
    this.namesSplit = to.count;
    if (found !== 'split') return found;
    const cost = this.#costOf(prefix, to);
    const namesAPart = Math.max(1, Math.floor(this.#partCostBytes / cost));
    if (to.count <= namesAPart) this.#remembered.missed(line, to);
    while (this.namesDone < to.count) {
      const end = Math.min(to.count, this.namesDone + namesAPart);
      const congested = this.#congested(to, this.namesDone, end, cost);
      if (congested !== undefined) return congested;
      this.#putPart(sender, prefix, line, this.namesDone, end, cost);
      this.namesDone = end;
      if (this.costBytes >= maxCostBytes && end < to.count) return 'in part';
    }
    return 'routed';
  }

  /** What one name is asked for: a frame, and the work it is to find where it goes. */
  #costOf(prefix: Prefix, { bodyStart, bodyEnd }: Body): number {
    return (prefix[0] as number) + bodyEnd - bodyStart + NAME_COST_BYTES;
  }

  #congested(to: AddressedLine, first: number, end: number, cost: number): Outbox | undefined {
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

  #putPart(sender: AttachmentNumber, prefix: Prefix, line: Line, first: number, end: number, cost: number): void {
    const to = this.#to;
    for (let shard = 0; shard < this.outboxes.length; shard++) {
      const outbox = this.outboxes[shard] as Outbox;
      const list = putList(outbox.batch, shard, line, to, first, end);
      if (list === undefined) continue;
      putMessage(outbox.batch, sender, list, prefix, line, to);
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
   * @returns undefined, or the congested outbox to wait for, as `route` does
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
