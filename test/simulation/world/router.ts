/** The real router, which also reports every call to a watch. Its shards are congested by little. */
import type { DestinationSet, MessageText } from '../../../src/router/destination-set.ts';
import type { Outbox } from '../../../src/router/outbox.ts';
import type { Placement } from '../../../src/router/placement.ts';
import { type Routed, Router, type RouterOptions } from '../../../src/router/router.ts';
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { Prefix } from '../../../src/shared/wire/message.ts';
import type { AttachmentNumber, Progress } from '../../../src/shared/wire/records.ts';

/** The costs of lines, and the limits, which are low. */
export interface Roads {
  /** The most that one part of a list may cost. If it is low, a line to two names is routed in two parts. */
  readonly partCostBytes: number;
  /** The most that a line may cost in one turn. If it is low, its parts are routed in several turns. */
  readonly turnCostBytes: number;
  /** An extra cost of each line. If it is high, a session soon has used up its turn. */
  readonly lineCostBytes: number;
  /** A shard is congested above so many bytes that are gathered, or posted and not acknowledged. */
  readonly highWaterBytes: number;
}

/** Told of the calls of the router. */
export interface RouterWatch {
  /** A line is routed, to all of its names or to some. */
  routed(sender: AttachmentNumber, names: readonly string[], body: string): void;
  attached(attachment: AttachmentNumber): void;
  returned(attachment: AttachmentNumber, last: boolean, runs: readonly Frames[]): void;
  /** @param number of the frame, modulo 2^32 */
  rejected(attachment: AttachmentNumber, number: number): void;
}

export class WatchedRouter extends Router {
  readonly #roads: Roads;
  readonly #watch: RouterWatch;

  constructor(placement: Placement, options: RouterOptions, roads: Roads, watch: RouterWatch) {
    super(placement, { ...options, partCostBytes: roads.partCostBytes });
    this.#roads = roads;
    this.#watch = watch;
    for (const outbox of this.outboxes) tighten(outbox, roads.highWaterBytes);
  }

  override send(
    sender: AttachmentNumber,
    prefix: Prefix,
    to: DestinationSet,
    text: MessageText,
    namesDone = 0,
    maxCostBytes = Number.POSITIVE_INFINITY,
  ): Outbox | Routed {
    const { turnCostBytes, lineCostBytes } = this.#roads;
    const { bytes, start, end } = text.line;
    const line = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    const names = line.slice(0, line.indexOf(':'));
    const body = line.slice(names.length + 1);
    const result = super.send(sender, prefix, to, text, namesDone, Math.min(maxCostBytes, turnCostBytes));
    this.costBytes += lineCostBytes;
    const done = result === 'routed' ? to.count : this.namesDone;
    if (done > namesDone) this.#watch.routed(sender, names.split(',').slice(namesDone, done), body);
    return result;
  }

  override attach(
    shard: number,
    attachment: AttachmentNumber,
    name: Uint8Array,
    progress: Progress,
    windowFrames: number | undefined,
    proven: boolean,
  ): number {
    this.#watch.attached(attachment);
    return super.attach(shard, attachment, name, progress, windowFrames, proven);
  }

  override returned(
    shard: number,
    attachment: AttachmentNumber,
    name: Uint8Array,
    last: boolean,
    progress: Progress,
    runs: readonly Frames[],
  ): void {
    this.#watch.returned(attachment, last, runs);
    super.returned(shard, attachment, name, last, progress, runs);
  }

  override rejected(name: Uint8Array, attachment: AttachmentNumber, number: number): void {
    this.#watch.rejected(attachment, number);
    super.rejected(name, attachment, number);
  }
}

function tighten(outbox: Outbox, highWaterBytes: number): void {
  const hasRoom = outbox.hasRoom.bind(outbox);
  outbox.hasRoom = (costBytes) =>
    outbox.unacknowledgedBytes + outbox.batch.used <= highWaterBytes && hasRoom(costBytes);
}
