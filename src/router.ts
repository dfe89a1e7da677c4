/**
 * From a line to the shards of its destinations, and back from an attachment to its session.
 */

import type { Frames } from './channel/frames.ts';
import { hashName, shardOf } from './channel/hash.ts';
import type { LentBuffers } from './channel/lending.ts';
import { type Line, type Prefix, putList, putListAgain, putMessage, putMessageToOne } from './channel/message.ts';
import {
  type Account,
  type AttachmentNumber,
  putAskWho,
  putAttach,
  putReturn,
  putWritten,
} from './channel/to-shard.ts';
import { AddressedLine, COLON, firstSeparator } from './lines.ts';
import { RememberedLists, type ShardList } from './lists.ts';
import { Outbox } from './outbox.ts';

/** Puts what sessions say into the outboxes of the shards it concerns. */
export class Router {
  readonly outboxes: readonly Outbox[];
  /** Called for a line that names nobody, unless it is empty. */
  onUnaddressed: (sender: AttachmentNumber) => void = () => {};
  /** The line at hand, split; one for all sessions, because a line is routed before the next one is split. */
  readonly #to: AddressedLine;
  readonly #remembered: RememberedLists;

  /** @param endOfTurn, lentTo see Outbox */
  constructor(
    shards: number,
    endOfTurn?: (step: () => void) => void,
    lentTo?: (shard: number) => LentBuffers | undefined,
  ) {
    this.outboxes = Array.from({ length: shards }, (_, shard) => new Outbox(endOfTurn, lentTo?.(shard)));
    this.#to = new AddressedLine(shards);
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
   * @returns undefined, or the congested outbox of a shard the line is for: then nothing of it was routed, and the
   *   session must wait for that outbox and route the line again
   */
  route(sender: AttachmentNumber, prefix: Prefix, line: Line): Outbox | undefined {
    // Most lines go to one name, or to a list that was written to before; the general way takes the rest.
    const separator = firstSeparator(line.bytes, line.start, line.end);
    if (separator < 0) return this.#unaddressed(sender, line);
    if (line.bytes[separator] === COLON) return this.#routeToOne(sender, prefix, line, separator);
    const lists = this.#remembered.find(line);
    return lists === undefined
      ? this.#routeToNew(sender, prefix, line)
      : this.#routeToList(lists, sender, prefix, line);
  }

  #routeToOne(sender: AttachmentNumber, prefix: Prefix, line: Line, colon: number): Outbox | undefined {
    const to = this.#to;
    to.toOne(line.bytes, line.start, colon, line.end);
    const outbox = this.outboxes[to.shards[0] as number] as Outbox;
    if (outbox.congested) return outbox;
    putMessageToOne(outbox.batch, sender, prefix, line, to);
    outbox.schedule();
    return undefined;
  }

  #routeToList(lists: readonly ShardList[], sender: AttachmentNumber, prefix: Prefix, line: Line): Outbox | undefined {
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      if (outbox.congested) return outbox;
    }
    for (const list of lists) {
      const outbox = this.outboxes[list.shard] as Outbox;
      const { batch } = outbox;
      if (list.batch !== batch.serial) {
        list.number = putListAgain(batch, list.record);
        list.batch = batch.serial;
      }
      putMessage(batch, sender, list.number, prefix, line, this.#remembered);
      outbox.schedule();
    }
    return undefined;
  }

  #routeToNew(sender: AttachmentNumber, prefix: Prefix, line: Line): Outbox | undefined {
    const to = this.#to;
    if (!to.split(line.bytes, line.start, line.end)) return this.#unaddressed(sender, line);
    for (let shard = 0; shard < this.outboxes.length; shard++) {
      const outbox = this.outboxes[shard] as Outbox;
      if (outbox.congested && concerns(to, shard)) return outbox;
    }
    for (let shard = 0; shard < this.outboxes.length; shard++) {
      const outbox = this.outboxes[shard] as Outbox;
      const list = putList(outbox.batch, shard, line, to);
      if (list === undefined) continue;
      putMessage(outbox.batch, sender, list, prefix, line, to);
      outbox.schedule();
    }
    this.#remembered.missed(line, to);
    return undefined;
  }

  #unaddressed(sender: AttachmentNumber, line: Line): undefined {
    if (line.end > line.start) this.onUnaddressed(sender);
  }

  /**
   * Asks the shard of a name how it stands.
   * @returns undefined, or the congested outbox to wait for, as `route` does
   */
  askWho(asker: AttachmentNumber, name: Uint8Array): Outbox | undefined {
    const outbox = this.outbox(this.shardOf(name));
    if (outbox.congested) return outbox;
    putAskWho(outbox.batch, asker, name);
    outbox.schedule();
    return undefined;
  }

  attach(shard: number, attachment: AttachmentNumber, name: Uint8Array, account: Account): void {
    const outbox = this.outbox(shard);
    putAttach(outbox.batch, attachment, name, false, account);
    outbox.schedule();
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
    account: Account,
    runs: readonly Frames[],
  ): void {
    const outbox = this.outbox(shard);
    const { writtenFrames, writtenBytes, writtenNumber } = account;
    putReturn(outbox.batch, { attachment, name, last, writtenFrames, writtenBytes, writtenNumber, runs });
    outbox.schedule();
  }
}

function concerns(to: AddressedLine, shard: number): boolean {
  for (let i = 0; i < to.count; i++) if (to.shards[i] === shard) return true;
  return false;
}
